"""The phrases behind the cues, language by language, as posts write them.

Phrases are separated by `|`. A phrase stands alone as a word; `*` lets a word go on at that end,
for endings and for prefixes that are written together. Case does not matter.
"""

PER_PERSON = """
per person|one person|each person|a head|per head|each|pp|p.p.|p.p|an adult|per adult
|per seat|per soul|par personne|par tête|par pers|/pers|chacun|por persona|por cabeza
|x persona|c/u|por pessoa|por cabeça|a cabeça|cada um|a testa|a persona|per persona
|pro person|pro kopf|für eine person|je person|per persoon|de persoană|de persoana|pe cap
|për person*|për kokë|kişi başı*|adam başı*|с человека|за человека|с чел|за чел|с носа
|с головы|з людини|за людину|з особи|за особу|od osoby|za osobę|od łebka|на човек|το άτομο
|ανά άτομο|za osobu|po osobi|po glavi|fejenként|/fő|للشخص|للنفر|عالراس|على الراس|للراس
|هر نفر|برای هر نفر|نفری|فی نفر|فی کس|فی بندہ|فی آدمی|د سر|هەر کەسێک|بۆ کەسێک|her kes
|प्रति व्यक्ति|एक आदमी का|प्रतिव्यक्ति|per banda|জনপ্রতি|জন প্রতি|প্রতি জন|mỗi người
|một người|/người|per orang|bawat isa|kada tao|kwa mtu|kila mtu|qofkii*|halkii qof|ለአንድ ሰው
|ለሰው|ንሓደ ሰብ|ንሰብ|kowane mutum|每人|一个人|/人|每個人|一人|1인당|ต่อคน|คนละ
"""
"""Unmistakable beside an amount."""

PERSON = """
adult|person|la place|a seat|place
|persona|personne|persoana|persoană|personi|koka|kişi|чел|человек|людина
|osoba|άτομο|الشخص|النفر|نفر|کەسێک|بندہ|kes|orang|isa|người|大人|人头|seat|seats
"""
"""Per person only where the amount also has a currency: "30 kişi" is thirty people."""

CURRENCY = """
usd|eur|euro|euros|euró|eura|gbp|chf|cad|aud|dollar|dollars|dolar|dolares|dólares|dolara
|pounds|quid|bucks|pln|zł|zl|złotych|ron|lei|leke|lekë|try|tl|lira|rub|руб*|т.р.|тыс*|грн|гривень|євро
|евро|долл*|лв|zloti|kr|kč|ft|dh|dhs|aed|sar|dinar|dinars|rs|rupees|inr|pkr|npr|bdt|taka|tk
|lakh|lac|crore|naira|ngn|ksh|kes|tsh|birr|etb|php|pesos|peso|idr|juta|jt|rupiah|rm|vnd
|triệu|củ|đồng|thb|baht|mmk|kyat|fcfa|cfa|xof|reais|ευρώ|دولار|يورو|جنيه|ليرة|دينار|درهم
|ريال|یورو|دلار|تومان|لیر|میلیون|روپے|روپیہ|لاکھ|ډالر*|افغانۍ|کلدارې|یۆرۆ|دۆلار|दॉलर|डॉलर
|रुपये|रुपए|लाख|হাজার|টাকা|লাখ|ብር|ዶላር|ዩሮ|ናቕፋ|元|刀|美金|美元|欧元|块|万|円|원|บาท
"""

ON_ARRIVAL = """
pay on arrival|paid on arrival|money on arrival|pay when you*|pay after|pay once
|paid when you*|when you arrive|after you arrive|once you arrive|after arrival
|when you are standing|à l'arrivée|a l'arrivée|à l'arrivee|une fois là-bas|une fois arrivé*
|une fois sur place|paie* après|paye* après|paye* apres|al llegar|pag* al llegar
|cuando llegue*|cuando lleguen|ya que llegue*|ao chegar|na chegada|quando chegar|all'arrivo
|quando arriv*|bei ankunft|nach ankunft|nach der ankunft|wenn du da bist|bij aankomst
|la sosire|când ajung*|cand ajung*|plata când|kur të arri*|kur te arri*|kur arri*
|pasi të arri*|varınca|varışta|vardıktan sonra|ulaşınca|gidince öde*|по прибытии|по приезде
|по приезду|после приезда|когда доех*|как доех*|після приїзду|по приїзду|коли доїд*
|po dojechaniu|po przyjeździe|po dotarciu|gdy dojedziesz|при пристигане|όταν φτάσ*
|με την άφιξη|بعد الوصول|عند الوصول|لما توصل*|بعد ما توصل*|بس توصل*|وقت توصل*|لما تصل*
|الدفع بعد|بعد از رسیدن|وقتی رسید*|بعد رسیدن|اول می‌رسی*|دوای گەیشتن*|کە گەیشت*|کاتێک گەیشت*
|piştî gihîştin*|gava gihîşt*|dema gihîşt*|ورسېد* بیا|ورسېدل بیا|رسېدو وروسته|چې ورسېد*
|پہنچ کر|پہنچ کے|پہنچنے کے بعد|पहुंच कर|पहुँच कर|पहुंचने के बाद|पहुँचने के बाद|पहुंचकर
|pahuch k*|pahunch k*|pohoch k*|pahuchne k*|পৌঁছে|পৌঁছানোর পর|đến nơi|tới nơi|qua bên kia
|bayar di seberang|bayar setelah|setelah sampai|sampai baru bayar|bayad pagdating|pagdating
|ukifika|baada ya kufika|mkifika|markaad gaar*|marka aad gaar*|ሲደርስ|ስትደርስ|ስትደርሱ|ሲደርሱ
|ከደረሳችሁ በኋላ|ምስ በጻሕ*|sai ka isa|idan ka isa|in ka isa|sai kun isa|先走后付|到了再付|到后付款
|到达后付|到了付|ถึงแล้วจ่าย|पुगेपछि
"""

MONEY_HELD = """
in escrow|escrow|guarantor|hawala|third person holds|holds the money|minds the money
|keeps the money|money stay*|money sits|money with the office|money at the office
|chez un garant|un garant|garante|treuhand*|emanet*|garantör|гарант|гаранта|через гаранта
|в гаранта|w depozycie|στο γραφείο|njeri i besuar|بالمكتب|المكتب|مكتب تأمين|ضامن|الضامن
|الحوالة|عند الصراف|صرافی|صراف|نزد صراف|مەکتەب|نووسینگە|li ofîsê|ofîsê|په صرافۍ|حواله|担保人
|中间人担保|中介担保
"""

FEE_FIRST = """
registration fee*|processing fee*|application fee*|training fee*|admin fee|visa fee
|joining fee|file charge*|refundable|upfront|up front|deposit|deposit of|starter kit
|to reserve your|holds your|frais de dossier|frais d'inscription|frais d'*|caution
|remboursable*|acompte|avance|cuota de|inscripción|depósito|reembolsable*|gastos de gestión
|por adelantado|anticipo|taxa de|caução|reembolsáve*|adiantado|cauzione|quota di iscrizione
|anmeldegebühr|bearbeitungsgebühr|gebühr|kaution|vorkasse|vorschuss|vorab|borg
|inschrijfkosten|taxă de|comision|avans|garanție|kapar|paradhënie|depozito|peşin|kapora
|kayıt ücreti|dosya masrafı|dosya parası|предоплат*|залог|задаток|взнос|депозит|передоплат*
|завдаток|бронь місця|аванс|opłata|kaucja|zaliczka|rezerwacja miejsca|такса|προκαταβολή|رسوم
|الرسوم|عربون|مسترد*|دفعة أولى|مقدما|بیعانه|پیش‌پرداخت|پیش پرداخت|ودیعه|پێشەکی|رجسٹریشن فیس
|فیس|ایڈوانس|قابل واپسی|रजिस्ट्रेशन|फाइल चार्ज|सिक्योरिटी|शुल्क|রেজিস্ট্রেশন ফি|জামানত
|অগ্রিম|đặt cọc|tiền cọc|cọc|hoàn cọc|phí hồ sơ|biaya pendaftaran|uang jaminan|biaya admin*
|reservation|placement fee|ada ya usajili|ada ya mafunzo|kudin rajista|kudin form|የመመዝገቢያ
|ቅድሚያ ክፍያ|መመዝገቢ*|diiwaangelin*|押金|保证金|报名费|定金|服务费|培训费|手续费|ค่าสมัคร|มัดจำ
"""

NO_PAPERS = """
no passport*|without passport*|without a passport|no visa|without visa|without a visa
|no papers|no documents|no dmv test|sans visa|sans passeport|sans papiers|sin visa
|sin pasaporte|sin papeles|sem visto|sem passaporte|senza visto|senza passaporto
|senza documenti|ohne visum|ohne pass|ohne papiere|zonder paspoort|zonder visum|vizesiz
|pasaportsuz|без визы|без виз|без паспорта|без загран*|без документов|без віз*
|без документів|bez paszportu|bez wizy|bez dokumentów|fără pașaport|fara pasaport|fără viză
|fara viza|fără acte|pa vizë|pa viza|pa pasaport*|без паспорт|χωρίς διαβατήριο|χωρίς βίζα
|χωρίς χαρτιά|بدون جواز*|بدون فيزا|بدون تأشيرة|من غير جواز|بدون باسبور*|بلا جواز
|بدون پاسپورت|بدون ویزا|بی پاسپورت|بێ پاسپۆرت|بێ ڤیزا|bê pasaport*|bê vîze*|bê kaxez*
|بې پاسپورټ*|بې ویزې|بې کاغذه|بغیر پاسپورٹ|بغیر ویزا|بغیر ویزے|बिना पासपोर्ट|बिना वीजा
|बिना वीज़ा|bina passport|bina visa|পাসপোর্ট ছাড়া|ভিসা ছাড়া|không cần hộ chiếu
|không cần visa|không hộ chiếu|tanpa paspor|tanpa visa|na kelangan passport|walang passport
|walang visa|no need passport|bila pasipoti|bila visa|pasi haihitajiki|baasaboor la'aan
|fiiso la'aan|ያለ ፓስፖርት|ያለ ቪዛ|ብዘይ ፓስፖርት|ብዘይ ቪዛ|babu fasfo|ba fasfo|不用护照|无需护照|没有护照
|没护照|免护照|ไม่ต้องใช้พาสปอร์ต
"""

NO_EXPERIENCE = """
no experience|no exp|without experience|experience not*|no interview|without interview
|no exam|no skills|no questions asked|sans expérience|sans experience|sans entretien
|aucune expérience|sin experiencia|sin entrevista|no necesitas experiencia|sem experiência
|sem entrevista|senza esperienza|senza colloquio|ohne erfahrung|keine erfahrung
|ohne vorkenntnisse|keine vorkenntnisse|zonder ervaring|geen ervaring|fără experiență
|fara experienta|pa përvojë|pa eksperienc*|deneyim gerekm*|deneyimsiz|tecrübe gerekm*
|tecrübe şart değil|без опыта|опыт не*|без собеседован*|без досвіду|без співбесід*
|bez doświadczenia|bez rozmowy|без опит|χωρίς εμπειρία|χωρίς προϋπηρεσία|χωρίς συνέντευξη
|بدون خبرة|بدون مقابلة|لا يشترط*|دون خبرة|بدون سابقه|بدون تجربه|بدون مصاحبه|بێ ئەزموون
|بغیر تجربہ|تجربہ ضروری نہیں|बिना अनुभव|बिना परीक्षा|अनुभव की जरूरत नहीं|অভিজ্ঞতা লাগবে না
|অভিজ্ঞতা ছাড়া|không cần kinh nghiệm|không yêu cầu kinh nghiệm|tanpa pengalaman
|tanpa wawancara|walang experience|kahit walang experience|bila uzoefu|khibrad uma*|ያለ ልምድ
|ልምድ አያስፈልግም|无需经验|不需要经验|不限学历|不用经验|免面试|无经验|未経験|ไม่ต้องมีประสบการณ์
"""

PLACES_LEFT = """
seats left|seat left|places left|spots left|spot left|slots left|few seats|few places
|last seats|last places|places restantes|dernières places|quedan pocos|cupos limitados
|últimos lugares|últimas vagas|ultimi posti|posti rimasti|noch plätze|plätze frei
|nog plaatsen|locuri libere|ultimele locuri|kanë mbetur|vende të lira|yer kaldı|kişilik yer
|kişi kaldı|son yerler|мест осталось|осталось мест*|остались места|місць залишилось
|лишилось місць|zostały miejsca|wolne miejsca|العدد محدود|المقاعد محدودة|ظرفیت محدود
|جا مانده|جای خالی|کەسی ماوە|شوێن ماوە|cih maye|سیٹیں باقی|سیٹ باقی|सीट बाकी|সিট আছে
|সিট বাকি|সিট খালি|còn chỗ|sisa kursi|slots na lang|nafasi zimebaki|boos ayaa haray|ቦታ ቀርቷል
|还差|仅剩|名额有限
"""

GUARANTEE = """
guarantee*|garanti*|garantie|garantiz*|garantid*|garantit*|garantiert*|garantuar*|garanci*
|гаранти*|гарантован*|gwarancj*|gwarantow*|εγγύηση|εγγυημέν*|ضمان|بضمان|مضمون*|الضمان|تضمین*
|تضمینی|گەرەنتی|گارنٹی|ګارنټي|गारंटी|গ্যারান্টি|đảm bảo|bao đậu|cam kết|dijamin|jaminan
|siguradong|sure na|uhakika|dammaanad*|ዋስትና|ውሕስነት|保证|包过|包到|保底|保過
"""

PRIVATE_CONTACT = """
dm|dms|dm me|inbox|inbox me|pm me|private message|in private|privately|msg me|message me
|en mp|en privé|por privado|al privado|en privado|no privado|inbox*|in privato|in pvt|pvt
|privat|per pn|pn|privé|în privat|in privat|privat*|në privat|inboks|özelden|özel mesaj
|özele|dm'den|в лс|в личк*|в лич*|в приват|личные сообщения|пишите в|на приват|в особисті
|priv|na priv|wiadomość prywatn*|на лично|ινμποξ|inbox μου|خاص|الخاص|عالخاص|ع الخاص|بالخاص
|پی‌وی|پی وی|دایرکت|pv|بۆ تایبەت|تایبەت|نامە|taybet|mesaja taybet|انباکس|ان باکس|इनबॉक्स
|ইনবক্স|inb|ib|nhắn riêng|nhắn tin riêng|japri|wapri|pm is the key|pm niyo|በውስጥ መስመር|በውስጥ
|ብውሽጢ|inbox ku|私信|私聊|私我|加微|ทักแชท|ทัก inbox
"""

WARNING = """
warning|beware|be careful|watch out|scam|scams|scammer*|fraud|fraudster*|conned|do not pay
|don't pay|do not answer|don't answer|do not reply|report it|report this|arnaque*|attention
|méfiez-vous|ne répondez pas|signalez*|estafa*|ojo|cuidado|denunci*|no pagues|golpe
|golpistas|não pague|truff*|attenzione|betrug*|betrüger*|vorsicht|warnung|oplichting
|oplichter*|pas op|înșelător*|escroc*|atenție|atentie|mashtr*|kujdes|dolandır*|dikkat
|мошенни*|осторожно|обман*|шахра*|обережно|oszust*|uwaga|uważaj*|измам*|внимание|απάτη
|απατεών*|προσοχή|احتيال|نصب|نصاب*|النصب|تحذير|احذر*|انتبهوا|کلاهبردار*|هشدار|مراقب باش*
|فریب|وریا|خبردار|دھوکہ*|فراڈ|ہوشیار|فێڵ*|ئاگادار*|sextekar*|xapîn*|धोखा*|ठग*|सावधान|फ्रॉड
|dhokha|fraud hai|প্রতার*|সতর্ক*|সাবধান|lừa đảo|cảnh báo|cảnh giác|penipu*|waspada|hati-hati
|mag-ingat|mag ingat|manloloko|utapeli|matapeli|tahadhari|khiyaan*|digtooni*|ka digtoon*
|ማጭበርበር|አጭበርባሪ*|ተጠንቀቁ|ጥንቃቄ|ተጠንቀቕ*|ምትላል|damfara|骗子|诈骗|骗局|被骗|警惕|小心|詐欺|มิจฉาชีพ
|หลอกลวง|ระวัง
"""

REPORT = """
police|arrested|arrests|court|sentenced|prosecutor*|rescued|coastguard|coast guard
|according to|ministry|police nationale|gendarmerie|interpell*|tribunal|arrêté*|policía
|detenid*|arrestad*|fiscalía|polícia|presos|preso|prendeu|polizia|arrestat*|procura|polizei
|festgenommen|gericht|staatsanwalt*|politie|aangehouden|poliția|politia|arestat*|reținu*
|policia|arrestua*|prokuror*|gözaltı*|polis|jandarma|mahkeme*|полици*|задержа*|суд|прокур*
|поліці*|затрима*|policja|zatrzyma*|straż granicz*|αστυνομία|συνελήφθη*|λιμενικ*|الشرطة|شرطة
|القبض|اعتقال|محكمة|المحكمة|خفر السواحل|پلیس|بازداشت*|دادگاه|پولیس*|گرفتار*|عدالت|پۆلیس*
|دەستگیر*|polîs*|hatin girtin|पुलिस|गिरफ्तार*|অদালত|পুলিশ|গ্রেপ্তার|গ্রেফতার|আদালত|cảnh sát
|công an|bắt giữ|khởi tố|polisi|ditangkap|pengadilan|pulis|naaresto|nbi|mahakamani|booliis*
|la xiray|maxkamad*|ፖሊስ|በቁጥጥር ስር|ፍርድ ቤት|ፖሊስ*|yan sanda|'yan sanda|kotu|警方|警察|逮捕|法院
|判处|ตำรวจ|จับกุม
"""
