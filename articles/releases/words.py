"""The words the reader knows, English and French: countries, titles, honorifics, verbs of saying, what is no name."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=8192)
def fold(words):
    """For comparing only: case, accents, hyphens and curly apostrophes away."""
    decomposed = unicodedata.normalize("NFKD", words)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return " ".join(plain.replace("’", "'").replace("-", " ").replace("‑", " ").split())


def word_set(text):
    return frozenset(text.split())


# Country=adjective,other names. The adjective before an office means the country: "Norwegian Prime Minister".
_COUNTRIES = """
Afghanistan=Afghan;Albania=Albanian;Algeria=Algerian;Andorra=Andorran;Angola=Angolan;Antigua and Barbuda=Antiguan;
Argentina=Argentine,Argentinian;Armenia=Armenian;Australia=Australian;Austria=Austrian;Azerbaijan=Azerbaijani,Azeri;
the Bahamas=Bahamian;Bahrain=Bahraini;Bangladesh=Bangladeshi;Barbados=Barbadian;Belarus=Belarusian;Belgium=Belgian;
Belize=Belizean;Benin=Beninese;Bhutan=Bhutanese;Bolivia=Bolivian;Bosnia and Herzegovina=Bosnian;Botswana=Botswanan;
Brazil=Brazilian;Brunei=Bruneian;Bulgaria=Bulgarian;Burkina Faso=Burkinabe;Burundi=Burundian;Cambodia=Cambodian;
Cameroon=Cameroonian;Canada=Canadian;Cape Verde=Cape Verdean;the Central African Republic=Central African;Chad=Chadian;
Chile=Chilean;China=Chinese;Colombia=Colombian;the Comoros=Comorian;Congo=Congolese;Costa Rica=Costa Rican;
Croatia=Croatian;Cuba=Cuban;Cyprus=Cypriot;Czechia=Czech;Denmark=Danish;Djibouti=Djiboutian;Dominica=Dominican;
Ecuador=Ecuadorian,Ecuadorean;Egypt=Egyptian;El Salvador=Salvadoran,Salvadorean;Equatorial Guinea=Equatoguinean;
Eritrea=Eritrean;Estonia=Estonian;Eswatini=Swazi;Ethiopia=Ethiopian;Fiji=Fijian;Finland=Finnish;France=French;
Gabon=Gabonese;the Gambia=Gambian;Georgia=Georgian;Germany=German;Ghana=Ghanaian;Greece=Greek;Grenada=Grenadian;
Guatemala=Guatemalan;Guinea=Guinean;Guyana=Guyanese;Haiti=Haitian;Honduras=Honduran;Hungary=Hungarian;Iceland=Icelandic;
India=Indian;Indonesia=Indonesian;Iran=Iranian;Iraq=Iraqi;Ireland=Irish;Israel=Israeli;Italy=Italian;
Ivory Coast=Ivorian;Jamaica=Jamaican;Japan=Japanese;Jordan=Jordanian;Kazakhstan=Kazakh,Kazakhstani;Kenya=Kenyan;
Kosovo=Kosovar,Kosovan;Kuwait=Kuwaiti;Kyrgyzstan=Kyrgyz;Laos=Lao,Laotian;Latvia=Latvian;Lebanon=Lebanese;
Lesotho=Basotho;Liberia=Liberian;Libya=Libyan;Liechtenstein=Liechtensteiner;Lithuania=Lithuanian;
Luxembourg=Luxembourgish,Luxembourger;Madagascar=Malagasy;Malawi=Malawian;Malaysia=Malaysian;the Maldives=Maldivian;
Mali=Malian;Malta=Maltese;the Marshall Islands=Marshallese;Mauritania=Mauritanian;Mauritius=Mauritian;Mexico=Mexican;
Micronesia=Micronesian;Moldova=Moldovan;Monaco=Monegasque;Mongolia=Mongolian;Montenegro=Montenegrin;Morocco=Moroccan;
Mozambique=Mozambican;Myanmar=Burmese;Namibia=Namibian;Nauru=Nauruan;Nepal=Nepali,Nepalese;the Netherlands=Dutch;
New Zealand=New Zealander;Nicaragua=Nicaraguan;Niger=Nigerien;Nigeria=Nigerian;North Korea=North Korean;
North Macedonia=North Macedonian,Macedonian;Norway=Norwegian;Oman=Omani;Pakistan=Pakistani;Palau=Palauan;
Palestine=Palestinian;Panama=Panamanian;Papua New Guinea=Papua New Guinean;Paraguay=Paraguayan;Peru=Peruvian;
the Philippines=Philippine,Filipino;Poland=Polish;Portugal=Portuguese;Qatar=Qatari;Romania=Romanian;Russia=Russian;
Rwanda=Rwandan;Saint Lucia=Saint Lucian;Samoa=Samoan;San Marino=Sammarinese;Saudi Arabia=Saudi,Saudi Arabian;
Senegal=Senegalese;Serbia=Serbian;the Seychelles=Seychellois;Sierra Leone=Sierra Leonean;Singapore=Singaporean;
Slovakia=Slovak,Slovakian;Slovenia=Slovenian,Slovene;the Solomon Islands=Solomon Islander;Somalia=Somali;
South Africa=South African;South Korea=South Korean;South Sudan=South Sudanese;Spain=Spanish;Sri Lanka=Sri Lankan;
Sudan=Sudanese;Suriname=Surinamese;Sweden=Swedish;Switzerland=Swiss;Syria=Syrian;Taiwan=Taiwanese;Tajikistan=Tajik;
Tanzania=Tanzanian;Thailand=Thai;Timor-Leste=Timorese;Togo=Togolese;Tonga=Tongan;Trinidad and Tobago=Trinidadian;
Tunisia=Tunisian;Turkey=Turkish;Turkmenistan=Turkmen;Tuvalu=Tuvaluan;Uganda=Ugandan;Ukraine=Ukrainian;
the United Arab Emirates=Emirati,UAE;the United Kingdom=British,UK,U.K.;the United States=American,US,U.S.;
Uruguay=Uruguayan;Uzbekistan=Uzbek;Vanuatu=Ni-Vanuatu;the Vatican=Vatican;Venezuela=Venezuelan;Vietnam=Vietnamese;
Yemen=Yemeni;Zambia=Zambian;Zimbabwe=Zimbabwean;Scotland=Scottish;Wales=Welsh;England=English;Greenland=Greenlandic;
the Faroe Islands=Faroese;Catalonia=Catalan;Quebec=Quebecois;Europe=European;the European Union=EU;the United Nations=UN
"""
COUNTRY_OF = {}
for _entry in _COUNTRIES.replace("\n", "").split(";"):
    _country, _, _adjectives = _entry.partition("=")
    for _adjective in _adjectives.split(","):
        COUNTRY_OF[fold(_adjective)] = _country
_COUNTRY_NAMES = {fold(c).removeprefix("the ") for c in COUNTRY_OF.values()}

OFFICES = word_set(
    "supervisor secretary general minister prime president vice deputy assistant acting undersecretary associate chief "
    "executive officer ceo cfo coo cto chair chairman chairwoman chairperson cochair director head governor mayor "
    "senator sen representative rep congressman congresswoman delegate ambassador envoy commissioner chancellor "
    "attorney solicitor prosecutor judge inspector commander admiral colonel major captain lieutenant sergeant "
    "brigadier marshal king queen prince princess duke duchess professor dean provost rector principal "
    "superintendent sheriff treasurer comptroller auditor ombudsman speaker leader whip member administrator "
    "founder cofounder partner owner spokesperson spokesman spokeswoman economist scientist researcher analyst "
    "manager coordinator adviser advisor counsel counselor editor agent charge author philanthropist coach bishop "
    "archbishop cardinal rabbi imam sheikh taoiseach premier counsellor councillor councilman councilwoman "
    "registrar librarian curator conductor engineer trustee councilor assemblyman assemblywoman ministre "
    "presidente directeur directrice secretaire generale maire prefet prefete ambassadeur ambassadrice "
    "commissaire depute deputee senateur senatrice gouverneur gouverneure chancelier porteparole fondateur "
    "fondatrice responsable chef cheffe pdg dg gerant gerante professeur professeure chercheur chercheuse "
    "rapporteur rapporteure conseiller conseillere delegue deleguee cofondatrice cofondateur premiere recteur "
    "rectrice activist actress adjoint adjointe agriculteur agricultrice alderman animateur animatrice architect "
    "architecte archiviste associe associee astronaut astronomer auteur autrice avocat avocate batonnier "
    "biologiste bourgmestre campaigner capitaine championne chanceliere chaplain chargee chemist chimiste "
    "chirurgien chirurgienne colleague collegue commandant commodore composer conservateur conservatrice "
    "constable consul consule coordinateur coordinatrice coordonnateur coordonnatrice counterpart curateur "
    "defenseur defenseure designer detective developer diplomat dirigeant dirigeante doctor doyen doyenne echevin "
    "echevine economiste ecrivain ecrivaine eleveur enseignant enseignante entraineur exploitant exploitante "
    "filmmaker greffier historian historien historienne homologue infirmier infirmiere ingenieur ingenieure "
    "inspecteur inspectrice juge lawyer lecturer linguist magistrat magistrate maraicher mathematician medecin "
    "maitresse mediateur mediatrice mentor midwife negotiator novelist nurse ombudswoman organiser organizer "
    "pastor patron patronne pharmacist philosopher physician physicien physicienne physicist planner postdoc "
    "priest procureur procureure producer psychiatrist realisateur realisatrice selectionneur sociologue "
    "statistician steward surgeon syndic teacher technician tresorier tresoriere veteran veterinaire vicar "
    "volunteer warden"
)
# Places of a word or two whose names run into that of an official: "Attorney for the District of New Jersey Paul Berg".
STATES = frozenset(
    [
        "alabama",
        "alaska",
        "arizona",
        "arkansas",
        "california",
        "colorado",
        "connecticut",
        "delaware",
        "columbia",
        "florida",
        "georgia",
        "guam",
        "hawaii",
        "idaho",
        "illinois",
        "indiana",
        "iowa",
        "kansas",
        "kentucky",
        "louisiana",
        "maine",
        "maryland",
        "massachusetts",
        "michigan",
        "minnesota",
        "mississippi",
        "missouri",
        "montana",
        "nebraska",
        "nevada",
        "new hampshire",
        "new jersey",
        "new mexico",
        "new york",
        "north carolina",
        "north dakota",
        "ohio",
        "oklahoma",
        "oregon",
        "pennsylvania",
        "puerto rico",
        "rhode island",
        "south carolina",
        "south dakota",
        "tennessee",
        "texas",
        "utah",
        "vermont",
        "virginia",
        "washington",
        "west virginia",
        "wisconsin",
        "wyoming",
        "alberta",
        "british columbia",
        "manitoba",
        "new brunswick",
        "nova scotia",
        "ontario",
        "quebec",
        "saskatchewan",
    ]
)
# A title noun that alone does not make the next capitalised word a surname ("General Motors", "Prime Video").
WEAK_OFFICES = word_set(
    "general major chief head prime deputy acting executive principal officer member partner leader vice "
    "associate assistant premier premiere owner king prince queen"
)
# Words that companies call themselves too ("Acme, a leader in robots").
LOOSE_TITLES = word_set("leader leaders member members partner partners owner owners head")
PLURAL_OFFICES = word_set(
    "senators reps sens representatives ministers presidents directors congressmen congresswomen secretaries "
    "governors mayors commissioners ambassadors attorneys judges professors members leaders founders cofounders "
    "ministres deputes senateurs directeurs chairs"
)
PLURAL_OFFICES |= {f"{office}s" for office in OFFICES if not office.endswith("s")}

HONORIFICS = {
    "mr": "m", "mrs": "f", "ms": "f", "miss": "f", "mx": "", "dr": "", "prof": "", "sir": "m", "dame": "f", "lord": "m",
    "lady": "f", "hon": "", "h.e": "", "h.e.": "", "excellency": "", "rev": "", "m.": "m", "mme": "f",
    "mlle": "f", "me": "", "monsieur": "m", "madame": "f", "herr": "m", "frau": "f", "honourable": "", "honorable": "",
    "majesty": "", "highness": "", "dre": "f", "pr": "", "pre": "f", "mgr": "m", "maitre": "",
    "docteur": "", "docteure": "f",
    "professor": "", "baroness": "f", "baron": "m", "sra": "f", "senor": "m", "senora": "f", "dona": "f",
    "signora": "f", "signor": "m", "sheikha": "f", "justice": "",
}  # fmt: skip
GENDERED = {
    "congresswoman": "f", "congressman": "m", "chairwoman": "f", "chairman": "m", "spokeswoman": "f", "spokesman": "m",
    "king": "m", "queen": "f", "directrice": "f", "directeur": "m", "presidente": "f", "ambassadrice": "f",
    "senatrice": "f", "deputee": "f", "fondatrice": "f", "cofondatrice": "f", "deleguee": "f", "conseillere": "f",
    "rectrice": "f", "assemblywoman": "f", "assemblyman": "m", "councilwoman": "f", "councilman": "m",
}  # fmt: skip
PORTFOLIOS = word_set(
    "state defense defence foreign affairs health education economy finance interior justice labor labour "
    "commerce energy transport transportation treasury agriculture security homeland culture environment climate "
    "trade housing veterans science innovation civil protection rail regional planning immigration citizenship "
    "family women youth children sport sports communities rural cooperation asylum migration equality arts "
    "heritage mines mining forestry oceans technology tourism fisheries development home exterior war industry "
    "employment staff water infrastructure internal external public digital research europe enterprise investment"
)
ORGANISATION_WORDS = word_set(
    "department ministry university college school commission association act division court bank group company "
    "council committee agency institute inc ltd llc plc corp corporation foundation fund office bureau service "
    "services union nations states kingdom parliament congress senate house assembly organization organisation "
    "federation alliance society party center centre authority board team program programme project initiative "
    "campaign network press news hospital museum library laboratory laboratories league conference summit forum "
    "treaty agreement administration government republic district county city state street avenue road river lake "
    "sea island islands mountain war day week month year award prize partners solutions systems technologies "
    "holdings industries international national global federal royal labs media communications relations force "
    "forces army navy police guard fair games championship gmbh sa sarl ag nv bv universite ministere conseil "
    "agence banque institut societe groupe republique europeenne fondation comite january february march april "
    "may june july august september october november december monday tuesday wednesday thursday friday saturday "
    "sunday lundi mardi mercredi jeudi vendredi samedi dimanche harbour port airport station railway church "
    "cathedral bill law code"
)
GROUPS = word_set(
    "senators lawmakers officials members spokesman spokeswoman spokesperson representative ministers leaders "
    "ministry department company commission council government court agency university organisation organization "
    "association authorities police investigators researchers scientists authors experts organisers organizers "
    "residents families workers union unions group coalition committee board signatories delegates participants "
    "witnesses neighbours statement letter report communique document resolution declaration filing complaint "
    "petition judges governors mayors parties analysts staff team source sources office embassy institute "
    "institution foundation institutes agencies prosecutors attorneys representatives presidents directors "
    "students teachers allies partners countries states legislators congressmen official insider employee "
    "resident critics supporters fishermen bank porteparole ministere entreprise gouvernement senateurs deputes "
    "auteurs autorites syndicat syndicats conseil societe groupe rapport lettre responsables chercheurs ministres"
)
PLACES = word_set("port harbour lake river sea island islands mountain city street avenue road county")
# Given names, by whom they are commonly given to. They tell a person from a company where nothing else does.
MEN = word_set(
    "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony "
    "mark donald steven paul andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan "
    "jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander "
    "patrick raymond jack dennis jerry jens lars erik anders jonas magnus nils olav pierre jacques luc michel "
    "henri louis francois antoine mathieu hans peter klaus karl jurgen stefan heinz giovanni marco luca paolo "
    "carlos juan jose luis miguel pedro mohammed mohamed muhammad ahmed ali omar hassan hussein ibrahim yusuf "
    "khalid abdullah abdulla salem rahul amit anil raj sanjay hiroshi kenji akira oleksandr volodymyr dmytro ivan "
    "sergei igor pavel piotr adam arthur albert walter philip philippe henry simon martin oliver lucas hugo bruno "
    "olivier christophe laurent frederic nicolas thierry vincent stephane sebastien guillaume julien alain "
    "bernard bertrand gerard yves yannick matthias wolfgang uwe dieter tobias javier fernando rafael antonio "
    "manuel diego sergio"
)
WOMEN = word_set(
    "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra "
    "ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca sharon laura cynthia "
    "dorothy amy kathleen angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra "
    "rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria lauren "
    "christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa ann sara madison "
    "frances kathryn janice alice julia judy sophia grace denise amber doris marilyn danielle beverly isabella "
    "theresa diana natalie brittany charlotte marie kayla alexis kari ingrid astrid freja sofie claire anne "
    "sophie juliette helene isabelle nathalie sylvie ursula petra sabine francesca giulia ana carmen sofia lucia "
    "fatima aisha noura mariam layla priya sunita olena natalia tatiana katarzyna agnieszka zofia eva helena "
    "valerie veronique brigitte monique martine francoise elodie aurelie celine sandrine florence agnes beatrice "
    "cecile elise lucie manon ines clara elena paola rosa pilar beatriz susana heike monika birgit karin ulrike "
    "jill joanne lynn leslie kate jane jenny erin tina wendy robin"
)
GIVEN_NAMES = MEN | WOMEN | word_set("jean camille kelly yuki jan ming wei dominique pascal kim")
#: what stands behind a name and is no part of it
AFTER_NAMES = word_set(
    "jr sr ii iii iv phd md esq dds rn cpa mba jd llm msc bsc obe mbe cbe kbe dbe cmg kcmg gcmg cb kcb cvo kc qc "
    "mp mep msp mla mpp td frs frcp fba ret usn usmc"
)
GIVEN_MONTHS = word_set("april may june august")
FAMILY_FIRST = word_set(
    "lee kim park choi jung kang cho yoon jang lim shin zhang wang li chen liu yang huang zhao wu zhou xu sun ma "
    "zhu hu guo lin luo zheng liang xie tang nguyen tran pham xi tan ong wong chan cheung leung ho lam ng tsai"
)
PARTICLES = word_set("d' van von de da bin bint al el ibn der den la le dos di du del ten ter af av zu y e ben abu")
ABBREVIATIONS = word_set(
    "mr mrs ms dr prof rep reps sen sens gov hon st jr sr gen lt col maj sgt amb capt adm inc ltd co corp no vs "
    "dept mt ft u.s u.k d.c h.e m mm jan feb mar apr jun jul aug sept sep oct nov dec calif conn tenn mass ill "
    "fla wash ind ga la md va n.m n.y etc e.g i.e approx est ave blvd rev"
)
NOT_NAMES = word_set(
    "the a an in on at as for today while but and or he she they it we i his her their our its this that these "
    "those when after before during since with from by to under over about also more if there what who how where "
    "why you your my all both each many some no not yes new so however meanwhile read watch see full le la les un "
    "une des du de dans sur pour avec ce cette ces il elle ils elles nous vous je en au aux et ou mais selon son "
    "sa ses leur notre votre now then here one two three four five six seven eight nine ten such further first "
    "second third last next please speaking announcing welcoming addressing commenting responding asked according "
    "located founded based born"
)

SAY = word_set(
    "said says say stated states added adds continued continues concluded concludes noted notes explained "
    "explains commented comments remarked observed observes declared declares announced announces affirmed "
    "affirms emphasised emphasized emphasises emphasizes stressed stresses underlined underlines underscored "
    "underscores highlighted highlights told tells asked asks wrote writes replied replies responded responds "
    "warned warns urged urges recalled recalls argued argues insisted insists shared shares expressed expresses "
    "acknowledged acknowledges reiterated reiterates reaffirmed reaffirms tweeted posted testified agreed agrees "
    "believes joked quipped exclaimed enthused promised promises vowed vows pledged pledges cautioned cautions "
    "claimed claims confirmed confirms predicted predicts lamented recounted summarised summarized reported "
    "reports revealed reflected reflects admitted admits declare affirme estime explique souligne ajoute precise "
    "indique conclut rappelle note commente poursuit assure insiste confie dit ecrit annonce soutient observe "
    "temoigne reconnait martele previent regrette repond lance resume exprime decrit salue felicite rejouit "
    "qualifie juge avance plaide promet conclu poursuivi soutenu reconnu prevenu repondu promis appelle deplore "
    "denonce abonde admet admis advised afirma afirmado afirmo agace alarme alerte alleged amuse anade anadido "
    "anadio analyse answered applaudit appuie appuye argumente asegura asegurado aseguro assured assures attested "
    "attests averti avertit avoue betont betonte boasted celebrated chided cites complained complete concede "
    "conceded concluye concluyo concurred concurs considere constate contended conteste countered credited "
    "declara declarado declaro defend defendu demande destaca destacado destaco detaille developpe dicho dijo "
    "disclosed echoed ecrie elaborated emporte enchaine encourage enthousiasme enthuses erklart erklarte espere "
    "etonne evoque exclame exige explica explicado explico feels felt garanti garantit garde glisse hinted indica "
    "indicado indicated indico indigne informed inquiete interpelle interroge ironise joined jokes lamentado "
    "lamente lamento laughed maintained maintains maintenu maintient manifestado manifesto meint meinte mentionne "
    "mused nuance objecte objected observer offered opined outlined plaisante pleaded preconise proclaimed "
    "proclaims propose puts quips raconte rappele rapporte read reads reagi reagit reasoned reckons reclame "
    "recommande recommended recordado recordo recounts recuerda rejoui relate releve remarque remarquer "
    "remembered remercie reminded reminds rencheri rencherit replique retorted revele riposte ruled sagt sagte "
    "savoir senala senalado senalo shouted signale signaled signalled smiled soupire souri sourit souvenu "
    "souvient subraya subrayado subrayo suggested suggests swore tempere thinks thought tonne tranche valoir "
    "ventured wondered yelled"
)
#: the same verbs in the plural and, as participles, in the feminine: "ironisent", "s'est félicitée"
SAY |= {f"{verb}{ending}" for verb in SAY if verb.endswith("e") for ending in ("e", "s", "es", "nt")}
SAYING = word_set(
    "saying adding noting explaining stating stressing emphasising emphasizing commenting concluding warning "
    "telling writing insisting arguing declaring underlining highlighting recalling calling describing ajoutant "
    "precisant soulignant declarant affirmant estimant indiquant expliquant"
)
CALLING = word_set(
    "welcomed welcomes called calls described describes praised praises hailed hails commended commends condemned "
    "condemns denounced denounces termed labelled labeled dubbed criticised criticized thanked thanks lauded "
    "applauded committed referred cited characterised characterized celebrated recognised recognized rejected "
    "dismissed deplored intended hopes hoped spoke speaks voit voient voyant invite invitee invited invites "
    "exhorte qualifie qualifiee decrit decrite salue saluee juge nannte nennt hailing branded likened compared "
    "compare blamed pledged warned refused refuse considers consider considere"
)
#: verbs of a sentence whose subject goes on in marks: "She disagreed. “…”", "He put it more simply. “…”"
SPEAKING = word_set(
    "put puts parle agreed disagreed agrees disagrees spoke speaks recalled hopes hoped believes thinks thought "
    "welcomed laughed smiled joked apologised apologized objected went insisted wanted knows"
)
REPORTING = SAY | SAYING | CALLING
_MASCULINE = {"he": "m", "il": "m"}
_FEMININE = {"she": "f", "elle": "f"}
PRONOUNS = {**_MASCULINE, **_FEMININE, "they": "", "ils": "", "elles": ""}
FRENCH_VERB = (
    "(?:"
    r"déclar|affirm|estim|expliqu|soulign|ajout|précis|indiqu|rappel|rappell|not|comment|assur|insist|"
    r"confi|annonc|observ|témoign|martel|martèl|regrett|lanc|résum|exprim|salu|jug|avanc|plaid|félicit|"
    r"racont|détaill|déplor|dénonc|constat|espèr|espér|nuanc|ironis|tranch|relat|rapport|analys|argument|"
    r"alert|gliss|complèt|complét|enchaîn|tempèr|tempér|concèd|concéd|contest|réclam|exig|propos|remerci|"
    r"plaisant|amus|inquièt|inquiét|alarm|indign|agac|étonn|enthousiasm|exclam|interrog|emport|lament|"
    r"demand|répliqu|ripost|object|recommand|encourag|signal|mentionn|évoqu|remarqu|révèl|révél|relèv|"
    r"relev|développ|considèr|considér|avou|appuy|appui|écri|soupir|préconis|tonn|interpell"
    r")(?:e|é|ait)|"
    r"conclut|conclu|poursuit|poursuivi|dit|écrit|soutient|soutenu|reconnaît|reconnait|reconnu|répond|"
    r"répondu|prévient|prévenu|réjouit|réjoui|promet|promis|admet|admis|réagit|réagi|souvient|souvenu|"
    r"sourit|souri|maintient|maintenu|défend|défendu|applaudit|renchérit|renchéri|garantit|garanti|"
    r"avertit|averti|fait valoir|fait savoir|fait remarquer|fait observer|met en garde|mis en garde|"
    r"abonde"
)
