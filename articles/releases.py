"""A press release in, a proposal out: title, dates, place, paragraphs, quotes and their speakers, people, links.

Pure functions over text and a `Registry`; no ORM, no clock, no model. The reader works in sieves from sure to unsure
(layout, quotation marks, cue clauses, subjects); every quote carries the rule that found it, the clause that proves
it and a confidence. A speaker is left empty rather than guessed: a wrong name on a quote is the costly error.
All offsets are into the text as given; matching happens on a normalised copy that maps back to it.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

LIMIT = 2_000_000
# No release is like that; beyond these no speakers are sought, so that no text can hold the reader up.
VOICE_LIMIT, PARAGRAPH_LIMIT, SPAN_LIMIT = 300_000, 20_000, 200


class UnreadableRelease(ValueError):
    """The bytes are no text we can read; the message tells the sender what to do."""


@dataclass(frozen=True)
class Piece:
    """A body paragraph: `text == given[start:end]`; kind is p, h2, li or blockquote."""

    text: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class FoundDate:
    """A date as printed; `standalone` dates are layout of their own, the others stand inside a paragraph or a cut."""

    text: str
    start: int
    end: int
    role: str  # posted, updated, dateline, event, embargo or mentioned
    iso: str | None
    standalone: bool


@dataclass(frozen=True)
class Cut:
    text: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Related:
    label: str
    url: str | None
    after_paragraph: int
    start: int
    end: int


@dataclass(frozen=True)
class Named:
    """A person named in the text: office as written there, position canonical, uid when the registry knows them."""

    name: str
    office: str | None
    position: str | None
    uid: str | None
    start: int
    end: int


@dataclass
class Quote:
    """One quotation, in one or several segments; exactly one of speaker and source is set, or neither when unsure."""

    segments: list[str]
    spans: list[list[int]]
    kind: str
    speaker: str | None
    speaker_uid: str | None
    position: str | None
    source: str | None
    rule: str
    evidence: dict | None
    confidence: float


@dataclass
class Proposal:
    file: str = ""
    language: str = "en"
    title: str | None = None
    title_span: list[int] | None = None
    dated: str | None = None
    last_updated: str | None = None
    place: str | None = None
    event_date: str | None = None
    summary: str | None = None
    embargo: str | None = None
    paragraphs: list[Piece] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    people: list[Named] = field(default_factory=list)
    topics: list[dict] = field(default_factory=list)
    related: list[Related] = field(default_factory=list)
    cut: list[Cut] = field(default_factory=list)
    dates: list[FoundDate] = field(default_factory=list)
    left_alone: list[dict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def pieces(self):
        """Every part of the input as (start, end, text, role), in order and without overlap.

        Put back at their offsets they hold each non-space character of the input exactly once.
        """
        parts = [(p.start, p.end, p.text, "body") for p in self.paragraphs]
        parts += [(d.start, d.end, d.text, "date") for d in self.dates if d.standalone]
        parts += [(r.start, r.end, r.label, "related") for r in self.related]
        parts += [(c.start, c.end, c.text, "cut") for c in self.cut]
        if self.title_span:
            parts.append((*self.title_span, self.title, "title"))
        return sorted(parts)

    def paragraph_offsets(self, span):
        """Where an input span lies: (paragraph index, start, end) within that paragraph's text, or None outside all."""
        start, end = span
        index = bisect_right([p.start for p in self.paragraphs], start) - 1
        if index < 0 or end > self.paragraphs[index].end:
            return None
        base = self.paragraphs[index].start
        return index, start - base, end - base

    def to_json(self):
        return asdict(self) | {"pieces": [[start, end, role] for start, end, _, role in self.pieces()]}


# --- Words ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _fold(words):
    """For comparing only: case, accents, hyphens and curly apostrophes away."""
    decomposed = unicodedata.normalize("NFKD", words)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return " ".join(plain.replace("’", "'").replace("-", " ").replace("‑", " ").split())


def _words(text):
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
_COUNTRY_OF = {}
for _entry in _COUNTRIES.replace("\n", "").split(";"):
    _country, _, _adjectives = _entry.partition("=")
    for _adjective in _adjectives.split(","):
        _COUNTRY_OF[_fold(_adjective)] = _country
_COUNTRY_NAMES = {_fold(c).removeprefix("the ") for c in _COUNTRY_OF.values()}

_OFFICES = _words(
    "secretary general minister prime president vice deputy assistant acting undersecretary associate chief "
    "executive officer ceo cfo coo cto chair chairman chairwoman chairperson cochair director head governor mayor "
    "senator sen representative rep congressman congresswoman delegate ambassador envoy commissioner chancellor "
    "attorney solicitor prosecutor judge inspector commander admiral colonel major captain lieutenant sergeant "
    "brigadier marshal king queen prince princess duke duchess professor dean provost rector principal "
    "superintendent sheriff treasurer comptroller auditor ombudsman speaker leader whip member administrator "
    "founder cofounder partner owner spokesperson spokesman spokeswoman economist scientist researcher analyst "
    "manager coordinator adviser advisor counsel counselor editor agent charge author philanthropist coach bishop "
    "archbishop"
    "cardinal rabbi imam sheikh taoiseach premier counsellor councillor councilman councilwoman registrar "
    "librarian curator conductor engineer trustee councilor assemblyman assemblywoman ministre presidente "
    "directeur directrice secretaire generale maire prefet prefete ambassadeur ambassadrice commissaire depute "
    "deputee senateur senatrice gouverneur gouverneure chancelier porteparole fondateur fondatrice responsable "
    "chef cheffe pdg dg gerant gerante professeur professeure chercheur chercheuse rapporteur rapporteure "
    "conseiller conseillere delegue deleguee cofondatrice cofondateur premiere recteur rectrice"
)
# A title noun that alone does not make the next capitalised word a surname ("General Motors", "Prime Video").
_WEAK_OFFICES = _words(
    "general major chief head prime deputy acting executive principal officer member partner leader vice "
    "associate assistant premier premiere owner king prince queen"
)
# Words that companies call themselves too ("Acme, a leader in robots").
_LOOSE_TITLES = _words("leader leaders member members partner partners owner owners head")
_PLURAL_OFFICES = _words(
    "senators reps sens representatives ministers presidents directors congressmen congresswomen secretaries "
    "governors mayors commissioners ambassadors attorneys judges professors members leaders founders cofounders "
    "ministres deputes senateurs directeurs chairs"
)
_PLURAL_OFFICES |= {f"{office}s" for office in _OFFICES if not office.endswith("s")}

_HONORIFICS = {
    "mr": "m", "mrs": "f", "ms": "f", "miss": "f", "mx": "", "dr": "", "prof": "", "sir": "m", "dame": "f", "lord": "m",
    "lady": "f", "hon": "", "h.e": "", "h.e.": "", "excellency": "", "rev": "", "m.": "m", "mme": "f",
    "mlle": "f", "me": "", "monsieur": "m", "madame": "f", "herr": "m", "frau": "f", "honourable": "", "honorable": "",
    "majesty": "", "highness": "",
}  # fmt: skip
_GENDERED = {
    "congresswoman": "f", "congressman": "m", "chairwoman": "f", "chairman": "m", "spokeswoman": "f", "spokesman": "m",
    "king": "m", "queen": "f", "directrice": "f", "directeur": "m", "presidente": "f", "ambassadrice": "f",
    "senatrice": "f", "deputee": "f", "fondatrice": "f", "cofondatrice": "f", "deleguee": "f", "conseillere": "f",
    "rectrice": "f", "assemblywoman": "f", "assemblyman": "m", "councilwoman": "f", "councilman": "m",
}  # fmt: skip
_PORTFOLIOS = _words(
    "state defense defence foreign affairs health education economy finance interior justice labor labour "
    "commerce energy transport transportation treasury agriculture security homeland culture environment climate "
    "trade housing veterans science innovation civil protection rail regional planning immigration citizenship "
    "family women youth children sport sports communities rural cooperation asylum migration equality arts "
    "heritage mines mining forestry oceans technology tourism fisheries development home exterior war"
    "industry employment staff water infrastructure internal external public digital research europe enterprise "
    "investment"
)
_ORGANISATION_WORDS = _words(
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
_GROUPS = _words(
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
_PLACES = _words("port harbour lake river sea island islands mountain city street avenue road county")
# Given names that tell a person from a company when nothing else in the text does.
_GIVEN_NAMES = _words(
    "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony "
    "mark donald steven paul andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan "
    "jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander "
    "patrick raymond jack dennis jerry mary patricia jennifer linda elizabeth barbara susan jessica sarah karen "
    "lisa nancy betty margaret sandra ashley kimberly emily donna michelle carol amanda melissa deborah stephanie "
    "rebecca sharon laura cynthia dorothy amy kathleen angela shirley anna brenda pamela emma nicole helen "
    "samantha katherine christine debra rachel carolyn janet catherine maria heather diane ruth julie olivia "
    "joyce virginia victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline "
    "martha gloria teresa ann sara madison frances kathryn janice jean alice julia judy sophia grace denise amber "
    "doris marilyn danielle beverly isabella theresa diana natalie brittany charlotte marie kayla alexis jens "
    "lars erik anders jonas magnus nils olav kari ingrid astrid freja sofie pierre jacques luc michel claire anne "
    "sophie camille juliette henri louis francois antoine mathieu helene isabelle nathalie sylvie hans peter "
    "klaus karl jurgen stefan heinz ursula petra sabine giovanni marco luca paolo francesca giulia carlos juan "
    "jose luis miguel pedro ana carmen sofia lucia mohammed mohamed muhammad ahmed ali omar hassan hussein fatima "
    "aisha ibrahim yusuf khalid abdullah abdulla salem noura mariam layla priya rahul amit anil sunita raj sanjay "
    "wei ming hiroshi yuki kenji akira oleksandr volodymyr dmytro olena ivan sergei igor natalia tatiana pavel "
    "jan piotr katarzyna agnieszka zofia adam eva"
)
_GIVEN_MONTHS = _words("april may june august")
_FAMILY_FIRST = _words(
    "lee kim park choi jung kang cho yoon jang lim shin zhang wang li chen liu yang huang zhao wu zhou xu sun ma "
    "zhu hu guo lin luo zheng liang xie tang nguyen tran pham xi tan ong wong chan cheung leung ho lam ng tsai"
)
_PARTICLES = _words("van von de da bin bint al el ibn der den la le dos di du del ten ter af av zu y e ben abu")
_ABBREVIATIONS = _words(
    "mr mrs ms dr prof rep reps sen sens gov hon st jr sr gen lt col maj sgt amb capt adm inc ltd co corp no vs "
    "dept mt ft u.s u.k d.c h.e m mm jan feb mar apr jun jul aug sept sep oct nov dec calif conn tenn mass ill "
    "fla wash ind ga la md va n.m n.y etc e.g i.e approx est ave blvd rev"
)
_NOT_NAMES = _words(
    "the a an in on at as for today while but and or he she they it we i his her their our its this that these "
    "those when after before during since with from by to under over about also more if there what who how where "
    "why you your my all both each many some no not yes new so however meanwhile read watch see full le la les un "
    "une des du de dans sur pour avec ce cette ces il elle ils elles nous vous je en au aux et ou mais selon son "
    "sa ses leur notre votre now then here one two three four five six seven eight nine ten such further first "
    "second third last next please speaking announcing welcoming addressing commenting responding asked according "
    "located founded based born"
)

_SAY = _words(
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
    "denonce"
)
_SAYING = _words(
    "saying adding noting explaining stating stressing emphasising emphasizing commenting concluding warning "
    "telling writing insisting arguing declaring underlining highlighting recalling calling describing ajoutant "
    "precisant soulignant declarant affirmant estimant indiquant expliquant"
)
_CALLING = _words(
    "welcomed welcomes called calls described describes praised praises hailed hails commended commends condemned "
    "condemns denounced denounces termed labelled labeled dubbed criticised criticized thanked thanks lauded "
    "applauded committed referred cited characterised characterized celebrated recognised recognized rejected "
    "dismissed deplored intended hopes hoped spoke speaks"
)
_REPORTING = _SAY | _SAYING | _CALLING
_MASCULINE = {"he": "m", "il": "m"}
_FEMININE = {"she": "f", "elle": "f"}
_PRONOUNS = {**_MASCULINE, **_FEMININE, "they": "", "ils": "", "elles": ""}
_FRENCH_VERB = (
    r"(?:déclar|affirm|estim|expliqu|soulign|ajout|précis|indiqu|rappel|rappell|not|comment|assur|insist|confi|annonc|"
    r"observ|témoign|martel|martèl|regrett|lanc|résum|exprim|salu|jug|avanc|plaid|félicit)(?:e|é)|conclut|conclu|"
    r"poursuit|poursuivi|dit|écrit|soutient|soutenu|répond|répondu|prévient|prévenu|réjouit|réjoui|promet|promis"
)


# --- Offices and the registry -----------------------------------------------------------------------------------------


def _with_article(organisation):
    """ "the European Commission" but "NATO", as a position's canonical form reads."""
    if organisation.lower().startswith("the "):
        return "the " + organisation[4:]
    words = organisation.split()
    formal = len(words) > 1 and any(_fold(w) in _ORGANISATION_WORDS - _PLACES for w in words)
    return f"the {organisation}" if formal else organisation


def canonical_position(office):
    """The one form of an office however it is written: "Norwegian Prime Minister" is "Prime Minister of Norway"."""
    if not office:
        return None
    words = office.replace("’", "'").split()
    words = [w.removesuffix("'s") for w in words]
    words = [_SINGULAR.sub(r"\1", w) if _fold(w.rstrip(".")) in _PLURAL_OFFICES else w for w in words]
    if re.match(r"(?i)(former|ex|then|outgoing)\b", words[0]):
        return None
    split = next((i for i, w in enumerate(words) if _is_office(_fold(w)) and w[0].isupper()), None)
    inside = {_fold(w) for w in words[1:]} & {"of", "at", "de", "du", "chez"}
    if not split or (inside and _fold(words[0]).rstrip(".") in {"u.s", "us"}):
        return " ".join(words)
    while split and _fold(words[split - 1]) in _QUALIFIERS:
        split -= 1
    if not split:
        return " ".join(words)
    institution, title = words[:split], words[split:]
    for count in range(len(institution), 0, -1):
        country = _COUNTRY_OF.get(_fold(" ".join(institution[:count])))
        if country:
            title = institution[count:] + title
            if country == "the United States" and not _fold(" ".join(title)).startswith(
                ("president", "secretary", "vice")
            ):
                return " ".join(words)
            return f"{' '.join(title)} of {country}"
    if _fold(institution[-1]) in _PORTFOLIOS or any(_fold(w) in {"former", "acting", "deputy"} for w in institution):
        return " ".join(words)
    if inside or (len(institution) == 1 and not institution[0].isupper()):
        return " ".join(words)  # "Port Director": what port it is the words do not say
    return f"{' '.join(title)} of {_with_article(' '.join(institution))}"


def _is_honorific(low):
    return low in _HONORIFICS or low.rstrip(".") in _HONORIFICS


_SINGULAR = re.compile(r"s(\.?)$")


@lru_cache(maxsize=8192)
def _is_office(low):
    """Is the folded word a title, or a compound with one ("vice-president")?"""
    return low in _OFFICES or low.replace(" ", "") in _OFFICES or any(p in _OFFICES for p in low.split())


_QUALIFIERS = _words(
    "special senior junior first second third interim regional national global high permanent principal managing"
)
_LESSER = _words("deputy vice assistant acting associate under former co sub junior shadow")
_GLUE = _words("of the for and to in at a an de la le du des")


def _office_key(office, organisation=""):
    """(title words, institution words): two ways to write one office have equal keys."""
    canonical = canonical_position(office) or office
    title, _, institution = canonical.partition(" of ")
    if not institution and organisation:
        institution = organisation
    key = frozenset(_fold(title).split()) - _GLUE
    return key, frozenset(_fold(f"{institution} {organisation}").split()) - _GLUE


class Holder(NamedTuple):
    """One appointment of one person, as the registry was told."""

    uid: str | None
    name: str
    position: str
    since: str | None
    until: str | None
    key: tuple

    def on(self, day):
        """Was it held that day? An unknown day or an unknown end never rules it out."""
        return day is None or ((not self.since or self.since <= day) and (not self.until or day < self.until))


class Registry:
    """The people and offices a newsroom knows, and its topics. Build it with `from_json`."""

    def __init__(self):
        self._holders = []
        self._by_first = {}  # first folded word of a name or alias -> [(words of it, person key)]
        self._people = {}  # person key -> (uid, name)
        self._offices = {}  # person key -> [Holder]
        self.topics = []

    @classmethod
    def from_json(cls, entries, topics=()):
        """From a list of {name, position, organisation, aliases, since, until}, with uid if there is one."""
        registry = cls()
        for entry in entries:
            name = entry.get("name") or ""
            if not name.strip():
                continue
            key = entry.get("uid") or _fold(name)
            registry._people.setdefault(key, (entry.get("uid"), name))
            for spelling in [name, *(entry.get("aliases") or [])]:
                words = _name_key(spelling)
                spellings = registry._by_first.setdefault(words[0], []) if words else []
                if (words, key) not in spellings:
                    spellings.append((words, key))
            if entry.get("position"):
                office = _office_key(entry["position"], entry.get("organisation") or "")
                position = canonical_position(entry["position"]) or entry["position"]
                if entry.get("organisation") and not office[1] <= frozenset(_fold(position).split()):
                    position = f"{position} of {_with_article(entry['organisation'])}"
                since, until = entry.get("since") or None, entry.get("until") or None
                holder = Holder(entry.get("uid"), name, position, since, until, office)
                registry._holders.append(holder)
                registry._offices.setdefault(key, []).append(holder)
        for spellings in registry._by_first.values():
            spellings.sort(key=lambda s: -len(s[0]))
        registry.topics = [t for t in topics or [] if t.get("name")]
        return registry

    def named(self, words):
        """Person keys whose name or alias begins `words` (folded, initials dropped): [(how many words, person key)]."""
        found = []
        for name, key in self._by_first.get(words[0], []) if words else []:
            if tuple(words[: len(name)]) == name:
                found.append((len(name), key))
        return found

    def person(self, key):
        """(uid, name) of a person key."""
        return self._people[key]

    def offices(self, key, day):
        """The canonical positions a person held that day."""
        return [h for h in self._offices.get(key, []) if h.on(day)]

    def holders_on(self, office, day, context=None):
        """Who held the office so worded that day: [(person key, Holder)].

        With `context` (folded words of the text) an office without its institution counts only where that is named.
        """
        title, institution = _office_key(office)
        asked = title | institution
        found = []
        for key, holders in self._offices.items():
            for holder in holders:
                held_title, held_at = holder.key
                here = institution or context is None or held_at <= context
                if here and held_title <= asked <= held_title | held_at and holder.on(day):
                    found.append((key, holder))
        return found


def _name_key(name):
    """The words of a name to compare by: folded, honorifics and single initials away."""
    words = []
    for word in re.split(r"[\s]+", name.strip()):
        low = _fold(word.strip(".,"))
        if low and low not in _HONORIFICS and not (len(low) == 1 and word[:1].isupper()):
            words.append(low)
    return tuple(words)


# --- The source text --------------------------------------------------------------------------------------------------

_SAME_LENGTH = {ord(c): " " for c in "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
                "\u202f\u205f\u3000\x1c\x1d\x1e\x1f"}  # fmt: skip
_SAME_LENGTH |= {ord(c): "\n" for c in "\x0b\x0c\x85\u2028\u2029"}
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e]")
_COMBINED = re.compile("[^\u0300-\u036f][\u0300-\u036f]+")
_MOJIBAKE = re.compile("â€[œ\u009d™˜“”¦¢]|Ã[©¨ª«´®§¼¶¤¸¥‰]|Â[ «»\u00a0]")


class _Source:
    """The given text and a copy for matching: NFC, plain spaces, \\n, no invisible characters; `at` maps back."""

    def __init__(self, given):
        self.given = given
        text = given.translate(_SAME_LENGTH).replace("\r\n", " \n").replace("\r", "\n")
        self._back = None
        if _INVISIBLE.search(text) or not unicodedata.is_normalized("NFC", text):
            out, back, position = [], [], 0
            for match in re.finditer(f"{_INVISIBLE.pattern}|{_COMBINED.pattern}", text):
                out.append(text[position : match.start()])
                back.extend(range(position, match.start()))
                if not _INVISIBLE.match(match[0]):
                    composed = unicodedata.normalize("NFC", match[0])
                    out.append(composed)
                    back.extend([match.start()] * len(composed))
                position = match.end()
            out.append(text[position:])
            back.extend(range(position, len(text) + 1))
            text, self._back = "".join(out), back
        self.text = text
        self.invisible = [m.start() for m in _INVISIBLE.finditer(given)]

    def at(self, start, end):
        """The span in the given text of a span of the copy."""
        if self._back is None or start >= end:
            return (start, end) if self._back is None else (self._back[start],) * 2
        stop = self._back[end - 1] + 1
        while stop < len(self.given) and "\u0300" <= self.given[stop] <= "\u036f":
            stop += 1
        return self._back[start], stop


def _decode(data):
    if not data.strip():
        raise UnreadableRelease("The file is empty. Send the text of the release.")
    if len(data) > LIMIT:
        raise UnreadableRelease(
            f"The file has {len(data) / 1e6:.1f} MB, a release at most {LIMIT // 10**6} MB. Send the text alone."
        )
    for signature, what in (
        (b"PK\x03\x04", "a Word or zip file"),
        (b"%PDF", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "an old Word file"),
    ):
        if data.startswith(signature):
            raise UnreadableRelease(f"This is {what}, not plain text. Save it as plain text (UTF-8) and send that.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableRelease("The file begins as UTF-16 but is damaged. Save it again as UTF-8.") from None
    if b"\0" in data:
        raise UnreadableRelease("The file is binary, not text. Save the release as plain text (UTF-8) and send that.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    # Western text is mostly ASCII letters; other code pages and images decode to noise.
    strange = sum(1 for c in text if ord(c) < 32 and c not in "\t\n\r\f")
    foreign = sum(1 for c in text if ord(c) > 127)
    if not text or strange or foreign > len(text) / 5 or _MOJIBAKE.search(text):
        raise UnreadableRelease("The encoding of the file is unknown or damaged. Save it as UTF-8 and send it again.")
    return text


# --- Dates ------------------------------------------------------------------------------------------------------------

_MONTHS = {}
for _number, _names in enumerate(
    [
        "january jan janvier janv januar enero",
        "february feb février févr fevrier februar febrero",
        "march mar mars märz marzo",
        "april apr avril avr abril",
        "may mai mayo",
        "june jun juin juni junio",
        "july jul juillet juil juli julio",
        "august aug août aout agosto",
        "september sept sep septembre septiembre",
        "october oct octobre oktober octubre",
        "november nov novembre noviembre",
        "december dec décembre déc decembre dezember diciembre",
    ],
    1,
):
    _MONTHS |= dict.fromkeys(_names.split(), _number)
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b"
_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|mon|tue|wed|thu|fri|sat|sun)"
)
_TIME = (
    r"(?:(?:\s*[,T–-]|\s+at|\s+à)?\s*(?P<h1>[01]?\d|2[0-3])\s?[:h]\s?(?P<mi1>[0-5]\d)(?::\d\d)?"
    r"(?:\s?(?P<ap1>[ap])\.?m\b\.?)?)?"
)
_DATE = re.compile(
    rf"\b(?:{_WEEKDAY},?\s+)?(?:"
    rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th|"
    rf"er)?\.?\s+(?:of\s+|de\s+)?(?P<m1>{_MONTH})\.?,?\s+(?:de\s+)?(?P<y1>\d{{4}})(?!\d)"
    rf"|(?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})(?!\d)"
    r"|(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)(?!\d)"
    r"|(?P<a4>\d{1,2})[./](?P<b4>\d{1,2})[./](?P<y4>\d{4})(?!\d)"
    rf"){_TIME}",
    re.IGNORECASE,
)
_GLUED_DATE = re.compile(_DATE.pattern.removeprefix(r"\b"), re.IGNORECASE)
_UPDATED = re.compile(
    r"(?:last\s+(?:updated|modified|revised)|updated|modified|mise?\s+à\s+jour|"
    r"dernière\s+mise\s+à\s+jour)(?:\s+(?:on|le))?\s*:?\s*$",
    re.IGNORECASE,
)
_POSTED = re.compile(
    r"(?:(?:posted|published|issued|released)(?:\s+on)?|(?:release|issue|"
    r"publication)?\s*date(?:\s+of\s+(?:issue|release))?|"
    r"publiée?(?:\s+le)?|le|date\s+de\s+publication)\s*:?\s*$",
    re.IGNORECASE,
)


def _dates(text, start, end):
    """The dates of a stretch; looks only around years, which is what makes it quick."""
    at = start
    for year in _YEAR.finditer(text, start, end):
        if year.start() >= at and (match := _DATE.search(text, max(at, year.start() - 40), min(end, year.end() + 20))):
            at = match.end()
            yield match


def _read_date(match):
    """(ISO date, ISO time or None) of a date match; the ISO date is None when it is no date or ambiguous."""
    g = match.groupdict()
    if g["d1"]:
        day, month, year = g["d1"], _MONTHS[g["m1"].lower()], g["y1"]
    elif g["d2"]:
        day, month, year = g["d2"], _MONTHS[g["m2"].lower()], g["y2"]
    elif g["y3"]:
        day, month, year = g["d3"], g["m3"], g["y3"]
    else:
        first, second, year = int(g["a4"]), int(g["b4"]), g["y4"]
        if "." in match[0] or first > 12 or first == second:
            day, month = first, second
        elif second > 12:
            day, month = second, first
        else:
            return None, None
    try:
        iso = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None, None
    if not g["h1"]:
        return iso, None
    hour = int(g["h1"])
    if g["ap1"]:
        hour = hour % 12 + (12 if g["ap1"].lower() == "p" else 0)
    return iso, f"{hour:02d}:{g['mi1']}"


# --- Layout: what is title, date, paragraph, related item, and what is cut --------------------------------------------

_FURNITURE = re.compile(
    r"(?i)[\W_]*(?:for immediate release|immediate release|for release|(?:press|news|media) (?:release|"
    r"statement|advisory)|"
    r"news|communiqué(?: de presse)?|(?:pour )?diffusion immédiate|pour publication immédiate|information presse|"
    r"\(?link is external\)?|share(?: this)?(?: page)?|print|--?\s?news ?direct\s?-?-?|skip to (?:main )?content|"
    r"back to (?:top|news)|share on \w+|mehr|download pdf|pressemitteilung|english|français)[\W_]*"
)
_EMBARGO = re.compile(
    r"(?i)[\W_]*(?:(?:strictly |under (?:strict )?)?embargo(?:ed)?\b(?!\s+(?:on|against|was|is|has|"
    r"by the)\b)|sous embargo|"
    r"not for (?:publication|release|broadcast)|hold for release)"
)
_IMMEDIATE = re.compile(r"(?i)for immediate release|diffusion immédiate|publication immédiate")
_END_MARK = re.compile(
    r"(?i)(?:#\s*){2,}|[-–—*\s]*(?:30|ends?|fin|ende|end of release)[-–—*.\s]*|\*\s?\*\s?\*|-\s?0\s?-|\[ends?\]"
)
_END_MARK_AFTER = re.compile(r"(?<=[.!?”\"»)\s])\s*((?:#\s?){3,})\s*$")
_RULE = re.compile(r"[-_*=]{3,}|(?:[-_*=]\s){3,}")
_TAIL = re.compile(
    r"(?i)[\W_]*(?:notes? (?:to|for) (?:the )?editors?\b.{0,20}|notes aux rédactions?|notes?:?|editors?['’] notes?:?|"
    r"(?:(?:media|press|further|more|company|general) )?(?:contacts?|enquiries|inquiries|contact (?:details|"
    r"information|person)s?)\b.{0,80}|"
    r"contacts? (?:presse|médias?)\b.{0,80}|for (?:more|further|"
    r"additional) information,?(?: please)?(?: contact| visit)?:?|"
    r"for (?:media|press|public) (?:inquiries|enquiries)\b.{0,60}|related (?:posts|content|articles|links|"
    r"news|documents)\b.{0,20}|"
    r"(?:component|topic|issue|tag|categor(?:y|ie)|filed under|keyword|hashtag|attachment)(?:\(s\)|s)?:.{0,200}|"
    r"press release number:?.{0,20}|(?:about|à propos d[eu']|à propos de la|über)\s.{1,90}|background information:?|"
    r"view (?:source version|the original|original (?:release|version|content))\b.{0,300}|"
    r"source:? .{0,80}|"
    r"the post .{3,300} appeared first on .{2,60}|forward[- ]looking statements:?|safe harbou?r.{0,40}|"
    r"(?:media|press), please note:.{0,300}|additional resources:?|cautionary (?:note|statement).{0,80})"
)
_CONTACT = re.compile(
    r"(?i)[\W_]*(?:(?:media|press) )?(?:contacts?|phone|tel|telephone|e-?mail|fax|mobile|website)\s*:.{0,160}"
)
_CODE = re.compile(
    r"function\s*\(|document\.|window\.|=>\s*\{|</?\w+[^>]*>|^\s*[{}]\s*;?$|\bvar \w+\s*=|\bconst \w+\s*="
)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
_URL = re.compile(r"https?://\S+|www\.\S+")
_BULLET = re.compile(r"(?:[•‣▪◦●○■□▶➤·]|[*+](?=\s)|[-–](?=\s))\s*")
_NUMBERED = re.compile(r"(?:\(?\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
_HEADING_MARK = re.compile(r"#{1,6}\s+")
_TITLE_LABEL = re.compile(r"(?i)(?:title|headline|titre|subject)\s*:\s*")
_BREADCRUMB = re.compile(
    r"(?:Home|Accueil)(?:\s*[>/»›|]\s*)?(?:(?:Media|Newsroom|News|Press Releases?|Press|Actualités|"
    r"Presse)(?:\s*[>/»›|]\s*)?)*"
)
_MEDIA_NOUN = (
    r"press conference|news conference|press briefing|press point|transcript|video|photos?|photographs|"
    r"pictures|images|audio|webcast|"
    r"live ?stream|recording|remarks|speech|statement|interview|infographic|fact ?sheet|slides|b-roll|"
    r"media kit|press kit|"
    r"conférence de presse|point de presse|vidéo|transcription|enregistrement|discours|dossier de presse|diaporama|logo"
)
_RELATED = re.compile(rf"(?i)(?:[\w’'-]+ ){{0,3}}?(?:{_MEDIA_NOUN})\b")
_INVITATION = re.compile(
    r"(?i)(?:watch|listen(?: to)?|read|download|view|see(?: also)?|click here|télécharger|voir|lire|écouter|"
    r"regarder|cliquez)\b"
)
_MEDIA_NOUNS = re.compile(rf"(?i)\b(?:{_MEDIA_NOUN})\b")
_FIRST_PERSON = re.compile(r"(?i)\b(?:i|we|my|our|us|je|nous|notre|nos|mes|mon|ma)\b")
_OPEN_MARKS = '“"«„'
_SPEECH = re.compile(
    rf"[”\"»],?\s+(?:\w+[ -]){{0,6}}?(?:said|says|added|stated|a déclaré|déclare)\b|\b(?:said|says|added|"
    rf"déclaré|déclare)\s?[:,]\s*[{_OPEN_MARKS}]"
)
_ENDING = '.!?…”"»)'
_CONNECTORS = _words("and of the to for in with on at a an by from or de la le du des et à aux au un une pour dans sur")
_PLACE_WORD = rf"(?!(?i:{_MONTH}))[A-ZÀ-ÖØ-Þ][\w.'’]*"
_PLACE = re.compile(
    rf"(?:{_PLACE_WORD}(?:[ -](?:{_PLACE_WORD}|de|la|du|of|the|sur|am|upon|el|"
    rf"al))*)(?:,\s*{_PLACE_WORD}(?:\s{_PLACE_WORD})*){{0,2}}"
)
_WIRE = re.compile(
    r"/[^/\n]{2,40}/|\((?=[^()\n]*(?:wire|news|press|direct|pr\b|afp|ap\b|reuters|"
    r"gnw))[^()\n]{2,60}\)|\[[^\]\n]+\]\([^)\n]+\)",
    re.IGNORECASE,
)
_INNER_DATELINE = re.compile(
    r"(?<=[\s.”\"»a-z\d])"
    r"(?:[A-Z][a-z’'.]+(?: [A-Z][a-z]+){0,2}, (?:(?:[A-Z]\.){2,}|[A-Z]{2}\b)|[A-Z]{4,}(?:[ ,]+[A-Z][A-Z.]+)*)"
    r"\s*[–—-]\s*(?=[A-Z“\"])"
)
_IN_PLACE = re.compile(
    rf"\b(?:in|à)\s+((?:[A-ZÀ-Þ][\w’'-]+(?:[ -](?=[A-ZÀ-Þ]))?){{1,3}}(?:,\s[A-ZÀ-Þ][\w]+)?),?\s+"
    rf"(?=(?:on\s+|le\s+|this\s+)?"
    rf"(?:(?i:{_WEEKDAY})\b|today|yesterday|aujourd|\(?\d{{1,2}}\s+(?i:{_MONTH})|(?i:{_MONTH})\s+\d))",
)
_EVENT = re.compile(rf"(?i)\b(?:on|le|this)\s+(?:{_WEEKDAY},?\s*)?\(?$|\b{_WEEKDAY},?\s*\(?$|\(\s*$")


class _Part(NamedTuple):
    start: int
    end: int
    role: str
    detail: object = None


class _Layout:
    """One pass over the blocks of the text; fills `parts` with what each stretch of it is."""

    def __init__(self, text):
        self.text = text
        self.parts = []
        self.dates = []  # (start, end, role, iso, time, standalone)
        self.title = None
        self.embargo = None
        self.place = None
        self.bodies = 0
        self.voice = 0  # where the first paragraph begins to speak: after its dateline
        self._tail = False
        blocks = _blocks(text)
        for index, (start, end) in enumerate(blocks):
            self._block(start, end, blocks[index + 1 :])
        self._dates_in_bodies()
        self._fill_gaps()

    def _add(self, start, end, role, detail=None):
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start < end:
            self.parts.append(_Part(start, end, role, detail))
            self.bodies += role == "body"

    def _block(self, start, end, rest):
        text = self.text[start:end]
        if self._tail:
            if len(text) > 160 or not self._date_line(start, end, False):
                self._add(start, end, "cut", "after the end")
            return None
        following = self.text[rest[0][0] : rest[0][1]] if rest else ""
        if _END_MARK.fullmatch(text) and (self.bodies or "#" in text):
            self._tail = True
            return self._add(start, end, "cut", "end mark")
        if _RULE.fullmatch(text):
            self._tail = bool(self.bodies) and not any(_is_prose(self.text[s:e]) for s, e in rest)
            return self._add(start, end, "cut", "rule")
        if not any(c.isalnum() for c in text):
            return self._add(start, end, "cut", "layout")
        if _IMAGE.fullmatch(text):
            return self._add(start, end, "cut", "image")
        if len(text) < 250 and _EMBARGO.match(text):
            self.embargo = self.embargo or (start, end)
            self._find_dates(start, end, "embargo")
            return self._add(start, end, "cut", "embargo")
        if _FURNITURE.fullmatch(text):
            return self._add(start, end, "cut", "furniture")
        if _CODE.search(text) and not _is_prose(_CODE.sub(" ", text)) and len(text) < 400:
            return self._add(start, end, "cut", "code")
        if text.count("»") > text.count("«") + 1:
            return self._add(start, end, "cut", "menu")
        if len(text) < 160 and self._date_line(start, end, True):
            return None
        if len(text) < 200 and not self.bodies and _CONTACT.fullmatch(text):
            return self._add(start, end, "cut", "contact")
        if self.bodies and self._begins_tail(text, rest):
            self._tail = True
            return self._add(start, end, "cut", "after the end")
        if self.title is None and not self.bodies:
            return self._head(start, end, following)
        self._body_block(start, end, following)

    def _begins_tail(self, text, rest):
        if not _TAIL.fullmatch(text) or (text[-1] in ".!?" and len(text) > 60 and "appeared first" not in text):
            return False
        return not any(_SPEECH.search(self.text[s:e]) for s, e in rest)

    def _date_line(self, start, end, anywhere):
        """Dates, their labels and furniture alone on a line; in the tail only one that says "updated"."""
        text = self.text[start:end]
        found = list(_dates(text, 0, len(text)))
        if not found:
            return False
        pieces, left, position = [], [], 0
        for match in found:
            before = text[position : match.start()]
            label = _UPDATED.search(before) or _POSTED.search(before)
            role = "updated" if label and _UPDATED.search(before) else "posted"
            left.append(before[: label.start()] if label else before)
            pieces.append(
                (start + (position + label.start() if label else match.start()), start + match.end(), role, match)
            )
            position = match.end()
        left.append(text[position:])
        rest = [part.strip(" •|-–—,.:;()*/") for part in left]
        place = None
        if (
            rest[0]
            and not self.bodies
            and re.fullmatch(_PLACE.pattern, rest[0])
            and len(rest[0]) < 40
            and "," in left[0]
        ):
            place, rest[0] = rest[0], ""
        if any(part and not _FURNITURE.fullmatch(part) for part in rest):
            return False
        if not anywhere and not any(role == "updated" for _, _, role, _ in pieces):
            return False
        self.place = self.place or place
        for s, e, role, match in pieces:
            self.dates.append((s, e, role, *_read_date(match), True))
            self._add(s, e, "date")
        return True

    def _find_dates(self, start, end, role):
        for match in _dates(self.text, start, end):
            self.dates.append((match.start(), match.end(), role, *_read_date(match), False))

    def _head(self, start, end, following):
        """The first words that are neither date nor furniture: the title, or already the text."""
        text = self.text[start:end]
        if mark := _HEADING_MARK.match(text):
            self.title = (start + mark.end(), end)
            return self._add(*self.title, "title")
        dateline = self._dateline(start, end)
        if dateline is None and len(text) > 250 and (inner := _INNER_DATELINE.search(text, 0, 600)):
            head = text[: inner.start()]
            if not re.search(r"[.!?]\s", head):
                self._split_head(start, start + inner.start())
                return self._body_block(start + inner.start(), end, following)
        if label := _TITLE_LABEL.match(text):
            start, text = start + label.end(), text[label.end() :]
        crumb = _BREADCRUMB.match(text)
        if crumb and (crumb.end() > 6 or crumb.end() == len(text)) and re.match(r"$|[A-Z“\"]", text[crumb.end() :]):
            if crumb.end() == len(text) or not following:
                return self._add(start, end, "cut", "breadcrumb")
            start, text = start + crumb.end(), text[crumb.end() :]
        if re.search(r"\s[>›»]\s|\s/\s.*\s/\s", text) and len(text) < 120 and following:
            return self._add(start, end, "cut", "breadcrumb")
        sentence = text[-1] in "." and not re.search(r"\b(?:[A-Z]\.|Inc\.|Ltd\.|Co\.|Corp\.|etc\.)$", text)
        short = len(text) <= 250 and (not sentence or (len(text) < 110 and len(following) > len(text)))
        if dateline is None and short and not (text[0] in _OPEN_MARKS and _SPEECH.search(text)):
            self.title = (start, start + len(text))
            return self._add(*self.title, "title")
        return self._body_block(start, end, following)

    def _split_head(self, start, end):
        """ "HomePress ReleasesTitle HereMay 3, 2024 Press Release" run together before the dateline."""
        crumb = _BREADCRUMB.match(self.text, start, end)
        if crumb:
            self._add(start, crumb.end(), "cut", "breadcrumb")
            start = crumb.end()
        stop = end
        for match in _GLUED_DATE.finditer(self.text, start, end):
            self.dates.append((match.start(), match.end(), "posted", *_read_date(match), True))
            self._add(match.start(), match.end(), "date")
            stop = min(stop, match.start())
        while stop > start and self.text[stop - 1].isspace():
            stop -= 1
        if any(c.isalnum() for c in self.text[start:stop]):
            self.title = (start, stop)
            self._add(start, stop, "title")

    def _body_block(self, start, end, following):
        text = self.text[start:end]
        if self.title and _fold(text) == _fold(self.text[slice(*self.title)]):
            return self._add(start, end, "cut", "title repeated")
        if mark := _HEADING_MARK.match(text):
            return self._add(start + mark.end(), end, "body", "h2")
        if text.startswith(">"):
            return self._add(start + 1, end, "body", "blockquote")
        if (mark := _BULLET.match(text) or _NUMBERED.match(text)) and mark.end() < len(text):
            return self._add(start + mark.end(), end, "body", "li")
        if self._related(start, end, following):
            return None
        words = len(text.split())
        if (
            words <= (16 if self.bodies else 30)
            and len(text) <= (110 if self.bodies else 200)
            and text[-1] not in '.!;,:”“’"»…'
            and following
            and self.bodies + (self.title is not None)
        ) and not (_BULLET.match(following) or text[0] in "—–-" or text[0].islower()):
            return self._add(start, end, "body", "h2")
        if mark := _END_MARK_AFTER.search(text):
            self._add(start + mark.start(1), end, "cut", "end mark")
            end = start + mark.start(1)
            self._tail = True
        paragraphs = any(p.role == "body" and p.detail == "p" for p in self.parts[-12:])
        if not paragraphs and (dateline := self._dateline(start, end)):
            self.voice, place, found = dateline
            self.place = self.place or place
            if found:
                self.dates.append((found.start(), found.end(), "dateline", *_read_date(found), False))
        for s, e in _uncollapse(self.text, start, end):
            self._add(s, e, "body", "p")

    def _related(self, start, end, following):
        """A typed link or label between paragraphs: a media kind, no sentence, and no section of its own below it."""
        text = self.text[start:end]
        if len(text) > 200 or not self.title:
            return False
        link = _LINK.fullmatch(text)
        if link and not _URL.match(link[1]):
            self.parts.append(_Part(start + link.start(1), start + link.end(1), "related", link[2]))
            return True
        label, url = text, None
        if address := re.search(r"\s*[:–-]?\s*(https?://\S+)$", text):
            label, url = text[: address.start()], address[1]
        words = label.split()
        if not words or label[-1] in '.!?;,:”"»' or any(c in label for c in _OPEN_MARKS):
            return False
        kind = _RELATED.match(label)
        if not (kind or (_INVITATION.match(label) and (url or len(words) <= 8))):
            return False
        if kind and not _INVITATION.match(label) and not url:
            nouns = {m[0].lower() for m in _MEDIA_NOUNS.finditer(label)}
            opening = following[:400]
            if len(words) < 3 or len(words) > 25:
                return False
            told = re.sub(r"[“„«][^”»]*|\"[^\"]*", " ", opening)  # what is quoted there is not the page's own voice
            if (opening and opening[0] in _OPEN_MARKS) or len(_FIRST_PERSON.findall(told)) > 1:
                return False
            if any(noun in opening.lower() for noun in nouns) or re.search(rf"\b(?:{_FINITE})\b", label):
                return False
        self.parts.append(_Part(start, start + len(label), "related", url))
        return True

    def _dateline(self, start, end):
        """(end, place, date match) of "CITY, June 3, 2024 /wire/ --" at the beginning, or None."""
        text, at, place, found, wire = self.text, start, None, None, False
        stop = min(end, start + 300)
        for _ in range(6):
            gap = re.compile(r"[\s,:–—-]*(?:le\s+)?").match(text, at, stop)
            at = gap.end()
            if match := _WIRE.match(text, at, stop):
                at, wire = match.end(), True
            elif match := _DATE.match(text, at, stop):
                at, found = match.end(), match
            elif place is None and (match := re.compile(r"\(([A-Z][A-Z .,]+)\)").match(text, at, stop)):
                at, place = match.end(), match[1]
            elif place is None and (match := _PLACE.match(text, at, stop)) and len(match[0]) < 50:
                tail = text[match.end() : match.end() + 3]
                if not re.match(r"\s*(?:[–—(/,]|-[\s-]|\s-)", tail):
                    break
                at, place = match.end(), match[0].rstrip(" ,")
            else:
                break
        before = text[start:at].rstrip()
        if at > start and before and before[-1] in "–—-" and (place or found or wire):
            sure = found or wire or (place and (place.isupper() or "," in place))
            if sure or (place and len(place.split()) <= 2 and text[at : at + 1].isupper()):
                return at, place, found
        lost = re.compile(r"[A-ZÀ-Þ]{6,}(?: [A-ZÀ-Þ]{4,}){0,2}(?=\s[A-Z][a-zé])").match(text, start, stop)
        if lost:
            following = text[lost.end() : lost.end() + 30].split()
            determined = following[0].lower() in _NOT_NAMES
            once = len(lost[0]) > 6 and text.count(lost[0]) == 1 and not _is_office(_fold(following[0]))
            if determined or once or lost[0].title() in text:
                return lost.end(), lost[0], None
        return None

    def _dates_in_bodies(self):
        first = next((p for p in self.parts if p.role == "body" and p.detail == "p"), None)
        taken = {d[0] for d in self.dates}
        for part in self.parts:
            if part.role != "body":
                continue
            for match in _dates(self.text, part.start, part.end):
                if match.start() not in taken:
                    lead = self.text[max(part.start, match.start() - 30) : match.start()]
                    event = part is first and (_EVENT.search(lead) or re.match(_WEEKDAY, match[0], re.IGNORECASE))
                    role = "event" if event else "mentioned"
                    self.dates.append((match.start(), match.end(), role, *_read_date(match), False))
        if not self.place and first and (match := _IN_PLACE.search(self.text, first.start, first.end)):
            self.place = match[1]

    def _fill_gaps(self):
        """What no rule has claimed is cut, so that nothing is ever lost."""
        gaps, at = [], 0
        self.parts.sort()
        for part in [*self.parts, _Part(len(self.text), len(self.text), "end")]:
            for match in re.finditer(r"\S+(?:[^\S\n]+\S+)*", self.text[at : part.start]):
                gap = match[0]
                reason = "layout" if any(c.isalnum() for c in gap) else "bullet" if _BULLET.match(gap) else "mark"
                gaps.append(_Part(at + match.start(), at + match.end(), "cut", reason))
            at = part.end
        self.parts = sorted(self.parts + gaps)
        self.dates.sort(key=lambda d: d[0])


_FINITE = "is|are|was|were|has|have|will|met|meets|said|says|gave|gives|held|holds|est|sont|a|ont"


def _is_prose(text):
    """Twelve words or more beside links, images and addresses."""
    bare = _URL.sub(" ", _LINK.sub(" ", _IMAGE.sub(" ", text)))
    return len(bare.split()) >= 12


def _blocks(text):
    """Paragraphs as (start, end): blank lines divide; lines wrapped by hand are joined, others stand alone."""
    lines, at = [], 0
    for raw in text.split("\n"):
        start, end = at + len(raw) - len(raw.lstrip()), at + len(raw.rstrip())
        lines.append((start, end) if start < end else None)
        at += len(raw) + 1
    full = [a[1] - a[0] for a, b in zip(lines, lines[1:], strict=False) if a and b and 45 <= a[1] - a[0] <= 120]
    long = sum(1 for line in lines if line and line[1] - line[0] > 160)
    width = max(full) if len(full) >= 3 and long * 5 <= len(full) else 0
    blocks = []
    previous = None
    for line in lines:
        if line and previous and _joins(text[slice(*previous)], text[slice(*line)], width):
            blocks[-1] = (blocks[-1][0], line[1])
        elif line:
            blocks.append(line)
        previous = line
    return blocks


def _joins(above, below, width):
    """Was the line break put there by a wrapping editor, not by the author?"""
    if len(above) > 120 or _BULLET.match(below) or _NUMBERED.match(below) or below[0] in "#>":
        return False
    if above[0] == "#" or _FURNITURE.fullmatch(above) or _FURNITURE.fullmatch(below) or _END_MARK.fullmatch(below):
        return False
    if len(above) < 60 and _DATE.search(above) and _DATE.search(above).end() >= len(above) - 3:
        return False
    if _LINK.match(below) or _IMAGE.match(below) or _EMBARGO.match(above):
        return False
    words = above.split()
    if words[-1].lower() in _CONNECTORS and len(words) > 3:
        return True
    if width:
        if above[-1] in _ENDING and len(above) < 0.7 * width:
            return False
        return len(above) + 1 + len(below.split()[0]) > 0.85 * width or (below[0].islower() and len(above) > 30)
    return len(above) > 30 and len(below) <= 120 and (below[0].islower() or above[-1] == ",")


def _uncollapse(text, start, end):
    """A whole release on one line often keeps its paragraph breaks as runs of spaces after a full stop."""
    if end - start < 1200:
        return [(start, end)]
    cuts = [m.end() for m in re.finditer(r"(?<=[.!?:”\"»)])[ ]{2,}(?=\S)", text[start:end])]
    edges = [start, *(start + c for c in cuts), end]
    return list(zip(edges, edges[1:], strict=False))


# --- Quotation marks --------------------------------------------------------------------------------------------------

_PAIRS = {"“": "”", "„": "“", "«": "»", "‘": "’", '"': '"', "”": "”"}
_MARKS = re.compile('[“”„"«»‘’]')
_EMPTY_LINK = re.compile(r"\s*\[\]\([^)\s]*\)")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


@dataclass
class _Span:
    """Words between marks: [start, end) without the marks, [open, close) with them; closed: both marks are there."""

    start: int
    end: int
    open: int
    close: int
    paragraph: int
    closed: bool = True
    parts: list = None


def _pair_marks(text, start, end, index, goes_on=False):
    """The outermost marked stretches of one paragraph; `goes_on`: the next paragraph begins with an opening mark.

    Unbalanced marks never disturb the paragraphs around it.
    """
    spans, stack = [], []
    for match in _MARKS.finditer(text, start, end):
        mark, at = match[0], match.start()
        before = text[at - 1] if at > start else " "
        after = text[at + 1] if at + 1 < end else " "
        if mark in "‘’":
            _single(text, at, mark, before, after, stack, spans, index)
        elif mark == '"':
            if before.isdigit() and not stack:
                continue
            opens = (before.isspace() or before in "([—–“‘") and not after.isspace()
            if not stack and not opens and before in ",.!?…" and after.isspace() and not spans:
                spans.append(_Span(start, at, start, at + 1, index, False))
            elif (
                stack
                and stack[-1][0] in '"“'
                and not (opens and stack[-1][0] == '"' and len(stack) == 1 and _closes_twice(text, at, end))
            ):
                _close(stack, spans, at, index)
            elif not stack or opens:
                stack.append((mark, at))
        elif mark == "”":
            if any(m in '“"”' for m, _ in stack):
                while stack and stack[-1][0] not in '“"”':
                    stack.pop()
                _close(stack, spans, at, index)
            elif not spans and before in ",.!?…" and not any(_MARKS.finditer(text, start, at)):
                spans.append(_Span(start, at, start, at + 1, index, False))
        elif mark == "»":
            while any(m == "«" for m, _ in stack):
                if stack[-1][0] == "«":
                    _close(stack, spans, at, index)
                    break
                stack.pop()
        elif mark == "“" and stack and stack[-1][0] == "„":
            _close(stack, spans, at, index)
        else:
            stack.append((mark, at))
    if stack:
        mark, at = stack[0]
        if mark != "‘" and not any(s.open > at for s in spans):
            if len(stack) > 1 or (not goes_on and re.search('[“«„]|(?<=\\s)"(?=\\w)', text[at + 1 : end])):
                # An earlier mark was never closed: what was read as nested stands by itself again.
                return _flat(text, start, end, index)
            spans.append(_Span(at + 1, end, at, end, index, False))
    return [s for s in (_shrink(text, s) for s in spans) if s]


def _closes_twice(text, at, end):
    """Do two more marks follow with words between, as after a nested straight mark?"""
    rest = [m.start() for m in re.finditer('"', text[at + 1 : min(end, at + 400)])]
    return (
        len(rest) >= 2
        and not text[at + rest[0]].isspace()
        and not re.match(r'["\s]*\w+ said', text[at + 2 + rest[0] :])
    )


def _close(stack, spans, at, index):
    mark, opened = stack.pop()
    if not stack:
        spans.append(_Span(opened + 1, at, opened, at + 1, index))


def _single(text, at, mark, before, after, stack, spans, index):
    """‘ ’ are marks only where they cannot be apostrophes, and outermost only where no double marks are open."""
    if mark == "‘":
        if not before.isalnum() and not stack:
            stack.append((mark, at))
    elif stack and stack[-1][0] == "‘" and not after.isalnum() and (before in ",.!?…" or not before.isspace()):
        plural = before == "s" and after == " " and text.find("’", at + 1) > 0
        if not plural:
            _close(stack, spans, at, index)


def _flat(text, start, end, index):
    """Marks read without nesting: each opening ends the stretch before it."""
    spans, opened = [], None
    for match in re.finditer('[“”"«»„]', text[start:end]):
        at = start + match.start()
        closing = match[0] in "”»" or (match[0] == '"' and opened is not None)
        if closing and opened is not None:
            spans.append(_Span(opened + 1, at, opened, at + 1, index))
            opened = None
        elif not closing:
            opened = at
    if opened is not None:
        spans.append(_Span(opened + 1, end, opened, end, index, False))
    return [s for s in (_shrink(text, s) for s in spans) if s]


def _shrink(text, span):
    """The words alone: edge spaces and an empty link at the front are not said by anyone."""
    if link := _EMPTY_LINK.match(text, span.start, span.end):
        span.start = link.end()
    while span.start < span.end and text[span.start].isspace():
        span.start += 1
    while span.end > span.start and text[span.end - 1].isspace():
        span.end -= 1
    return span if any(c.isalnum() for c in text[span.start : span.end]) else None


# --- Who is mentioned -------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"(?:[ldjmtscn]|qu)['’](?=\w)|(?:[^\W\d_]\.){2,}|[A-Z]\.(?=\s+[A-ZÀ-Þ])|M\.(?=\s)|\w+(?:['’‑-]\w+)*"
)


class _Token(NamedTuple):
    start: int
    end: int
    low: str
    capital: bool
    possessive: bool


def _tokens(text, start, end, base=0):
    """The words of text[start:end]; `base` is added to their offsets."""
    found = []
    for match in _TOKEN.finditer(text, start, end):
        word, stop = match[0], match.end()
        possessive = word[-2:] in ("'s", "’s")
        if possessive:
            word, stop = word[:-2], stop - 2
        if word:
            low = word.lower() if word.isascii() and "-" not in word and "'" not in word else _fold(word)
            found.append(_Token(base + match.start(), base + stop, low, word[0].isupper(), possessive))
    return found


@dataclass
class _Person:
    """Someone this text names."""

    name: str
    key: tuple
    start: int
    end: int
    offices: list = field(default_factory=list)
    gender: str = ""
    excellency: bool = False
    registered: object = None  # person key in the registry


@dataclass
class _Mention:
    """Words that can be the subject of a clause. kind: name, office, pronoun, group, bare (a capitalised unknown)."""

    start: int
    end: int
    kind: str
    text: str
    words: tuple = ()
    office: str | None = None
    gender: str = ""
    person: _Person | None = None
    weight: float = 1.0
    possessive: bool = False
    excellency: bool = False


class _Cast:
    """The people of one text and what each mention of them resolves to."""

    def __init__(self, text, registry, day):
        self.text = text
        self.registry = registry
        self.day = day
        self.people = []
        self._folded = None
        self._bare = []  # names in full that nothing marks as people yet

    def mentions(self, start, end):
        """All mentions of a paragraph in order; introduces the people it names with an office or by the registry."""
        text, tokens = self.text, _tokens(self.text, start, end)
        found, i, carry, carry_end = [], 0, None, 0
        while i < len(tokens):
            token = tokens[i]
            if token.low in _PRONOUNS and not token.possessive:
                found.append(
                    _Mention(
                        token.start, token.end, "pronoun", text[token.start : token.end], gender=_PRONOUNS[token.low]
                    )
                )
                i += 1
                continue
            if token.capital and not (token.low in _NOT_NAMES and token.low != "m."):
                j = self._run_end(tokens, i)
                bracketed = text[token.start - 1 : token.start] == "(" and token.start > start
                mention = None if bracketed else self._run(tokens, i, j)
                if mention and carry and mention.kind == "bare" and _LISTED.fullmatch(text, carry_end, mention.start):
                    mention.kind, mention.office = "name", carry
                if mention:
                    if mention.kind == "name":
                        self._apposition(mention, tokens, j, end)
                        plural = mention.office and any(
                            w in _PLURAL_OFFICES for w in _fold(mention.office).replace(".", "").split()
                        )
                        carry, carry_end = (mention.office, mention.end) if plural else (None, 0)
                    elif mention.kind == "bare":
                        self._apposition(mention, tokens, j, end)
                        if mention.office:
                            mention.kind = "name"
                    found.append(mention)
                i = j
                continue
            if (token.low in _GROUPS or token.low in _PLURAL_OFFICES or _is_office(token.low)) and not token.capital:
                found.append(self._noun(tokens, i))
            i += 1
        return self._settled(found)

    def _settled(self, found):
        """ "The rector, Anna Berg," names the rector; a title inside a name's own words is no mention of its own."""
        for index, title in enumerate(found):
            if title.kind not in ("office", "group") or title.possessive:
                continue
            determined = title.text.split()[0].lower() in _ARTICLES
            if not determined and self.text[max(0, title.start - 3) : title.start].rstrip()[-1:] == ",":
                continue  # itself the apposition of a name before it
            for name in found[index + 1 : index + 4]:
                gap = _TITLE_GAP.fullmatch(self.text[title.end : name.start])
                closed = self.text[name.end : name.end + 1] in (",", ".", ";", ":", "")
                if not gap or not closed or name.kind != "bare" or not name.weight or len(name.words) < 2:
                    continue
                if not title.office and (title.text.endswith("s") or title.text[:2].lower() not in ("a ", "an")):
                    continue
                office = title.office or title.text.split(maxsplit=1)[1]
                name.kind, name.gender, name.office = "name", title.gender, office + (gap[1] or "")
                break
        names = [m for m in found if m.kind == "name"]
        return [m for m in found if m.kind == "name" or not any(n.start <= m.start and m.end <= n.end for n in names)]

    def introduce(self, mentions):
        """Enter everyone named in full; the longest spelling of a name comes first, shorter ones join it."""
        named = [m for m in mentions if m.kind == "name" and len(_name_key(m.text)) > 1]
        for mention in sorted(named, key=lambda m: -len(_name_key(m.text))):
            self._introduce(mention)
        self._bare = [m for m in mentions if m.kind == "bare" and m.weight and 1 < len(_name_key(m.text)) < 5]

    def _run_end(self, tokens, i):
        """The end of a run of capitalised words, particles inside it allowed."""
        text, j = self.text, i + 1
        while j < len(tokens) and not tokens[j - 1].possessive:
            gap = text[tokens[j - 1].end : tokens[j].start]
            if gap.strip() and not (gap.strip() == "." and tokens[j - 1].low in _ABBREVIATIONS):
                break
            if len(gap) > 2 or not gap:
                break
            token = tokens[j]
            if token.low in _PRONOUNS and token.capital:
                break
            if token.capital:
                j += 1
            elif (
                token.low == "in"
                and _is_office(tokens[j - 1].low)
                and tokens[j + 1 : j + 2]
                and tokens[j + 1].low == "charge"
            ) or (
                token.low in _PARTICLES
                and j + 1 < len(tokens)
                and tokens[j + 1].capital
                and token.end + 1 == tokens[j + 1].start
            ):
                j += 2
            else:
                break
        return j

    def _run(self, tokens, i, j):
        text, run = self.text, tokens[i:j]
        whole = text[run[0].start : run[-1].end]
        known = self._registered(run)
        honorific, last = "", -1
        for k, token in enumerate(run):
            low = token.low.rstrip(".") if token.low not in _HONORIFICS else token.low
            if low in _HONORIFICS and not (low == "m." and k):  # an initial in "Karl M. Berg"
                honorific, last = low, k
            elif _is_office(low) or low in _PLURAL_OFFICES:
                if (
                    k == len(run) - 1
                    and k
                    and last < k - 1
                    and low in {"king", "dean", "judge", "marshal", "bishop", "prince", "major"}
                ):
                    break
                last = k
        office_words = [t for t in run[: last + 1] if not _is_honorific(t.low)]
        if known:
            a, b, key = known
            office_words = [t for t in run[:a] if not _is_honorific(t.low)]
            name = run[a:b]
        else:
            name = list(run[last + 1 :])
            if last < 0 and i and tokens[i - 1].low in {"of", "for", "de", "des"}:
                while len(name) > 2 and name[0].low in _PORTFOLIOS:
                    name = name[1:]
        office = self._office_before(tokens, i, office_words, name)
        gender = _HONORIFICS.get(honorific, "") or next(
            (_GENDERED[p] for t in office_words for p in t.low.split() if p in _GENDERED), ""
        )
        excellency = "excellency" in honorific or honorific.startswith("h.e")
        if excellency and i and tokens[i - 1].low in {"her", "his"}:
            gender = "f" if tokens[i - 1].low == "her" else "m"
        if run[0].low == "excellency" and i and tokens[i - 1].low in {"her", "his"}:
            start = tokens[i - 1].start
        else:
            start = run[0].start
        if not name:
            kind = "group" if any(t.low in _PLURAL_OFFICES for t in run) else "office"
            start = self._determiner(tokens, i, start)
            return _Mention(start, run[-1].end, kind, text[start : run[-1].end], office=whole if office_words else None,
                            gender=gender, possessive=run[-1].possessive, excellency=excellency)  # fmt: skip
        words = tuple(t.low for t in name)
        if known:
            person = self._known(known[2], name)
            mention = _Mention(
                office[1] if office else start,
                name[-1].end,
                "name",
                person.name,
                words,
                office and office[0],
                gender or person.gender,
                person,
            )
            mention.possessive = name[-1].possessive
            mention.excellency = excellency
            return mention
        titled = last >= 0 and (
            honorific
            or len(name) > 1
            or any(
                p not in _WEAK_OFFICES
                for t in office_words
                for p in t.low.split()
                if p in _OFFICES or p in _PLURAL_OFFICES
            )
        )
        titled = titled or (office is not None and not office_words)  # a lower-case title, or one with its portfolio
        personal = len(name) <= 6 and not any(
            w in _ORGANISATION_WORDS or w in _COUNTRY_OF for w in words[titled and words[0] in _GIVEN_MONTHS :]
        )
        acronym = any(
            len(text[t.start : t.end]) > 1 and text[t.start : t.end].isupper() and "." not in text[t.start : t.end]
            for t in name
        )
        if titled and personal and not (acronym and len(name) == 1):
            name = [t for t in name if t.low not in {"phd", "md"}] or name
            value = text[name[0].start : name[-1].end]
            at = office[1] if office else start
            return _Mention(
                at,
                name[-1].end,
                "name",
                value,
                words,
                office and office[0],
                gender,
                possessive=name[-1].possessive,
                excellency=excellency,
            )
        start = self._determiner(tokens, i, start) if not personal or acronym else start
        mention = _Mention(
            start,
            run[-1].end,
            "bare",
            text[start : run[-1].end],
            tuple(t.low for t in run),
            possessive=run[-1].possessive,
        )
        mention.weight = 0.0 if not personal or acronym or len(run) > 5 or any(c.isdigit() for c in whole) else 1.0
        if start != run[0].start:
            mention.weight = 0.0
        return mention

    def _office_before(self, tokens, i, office_words, name):
        """(office as written, where it starts): the capitalised words or the lower-case title right before a name."""
        if office_words:
            text = self.text
            start = office_words[0].start
            office = text[start : office_words[-1].end]
            before = tokens[i - 1] if i else None
            # "Secretary of State Anna Berg": the run before "of" belongs to the office.
            if (
                before
                and before.low in {"of", "for"}
                and i >= 2
                and tokens[i - 2].capital
                and _is_office(tokens[i - 2].low)
                and name
            ):
                k = i - 2
                while k and tokens[k - 1].capital and text[tokens[k - 1].end : tokens[k].start].strip() in ("", "."):
                    k -= 1
                return text[tokens[k].start : office_words[-1].end], tokens[k].start
            if office.endswith((".", ",")) and not office.endswith(("Rep.", "Reps.", "Sen.", "Sens.", "Gov.")):
                office = office.rstrip(".,")
            elif (
                text[office_words[-1].end : office_words[-1].end + 1] == "." and office_words[-1].low in _ABBREVIATIONS
            ):
                office += "."
            return office, start
        if not name or not i:
            return None
        k = i - 1
        if k and name[0].start > tokens[i].start and _is_office(tokens[k - 1].low):
            # "Minister for Civil Protection Anna Berg": the portfolio was taken off the run.
            k -= 1
            while (
                k
                and tokens[k].capital
                and tokens[k - 1].capital
                and not self.text[tokens[k - 1].end : tokens[k].start].strip()
            ):
                k -= 1
            return self.text[tokens[k].start : name[0].start].strip(), tokens[k].start
        if tokens[k].capital or self.text[tokens[k].end : tokens[i].start].strip():
            return None
        if tokens[k].possessive or not (_is_office(tokens[k].low) or tokens[k].low in _PLURAL_OFFICES):
            return None
        stop = tokens[k].end
        while (
            k
            and self.text[tokens[k - 1].end : tokens[k].start].strip() == ""
            and (
                _is_office(tokens[k - 1].low)
                or tokens[k - 1].capital
                or tokens[k - 1].low in _PORTFOLIOS
                or tokens[k - 1].low in _COUNTRY_OF
            )
            and tokens[k - 1].low not in _NOT_NAMES
        ):
            k -= 1
        return self.text[tokens[k].start : stop], tokens[k].start

    def _determiner(self, tokens, i, start):
        if i and tokens[i - 1].low in {"the", "a", "an", "le", "la", "les", "un", "une", "her", "his"}:
            return tokens[i - 1].start
        return start

    def _noun(self, tokens, i):
        """A lower-case title or body ("the minister", "the senators", "a spokesman for the board")."""
        text, k = self.text, i
        while k and i - k < 5:
            before = tokens[k - 1]
            if text[before.end : tokens[k].start].strip(" \n'’s"):
                break
            if before.low in {
                "the",
                "a",
                "an",
                "le",
                "la",
                "les",
                "un",
                "une",
                "our",
                "its",
                "their",
                "another",
                "one",
                "l'",
                "l’",
            }:
                k -= 1
                break
            if before.low in _NOT_NAMES or before.low in _REPORTING or before.low in _PREPOSITIONS:
                break
            k -= 1
        start, end = tokens[k].start, tokens[i].end
        title = _is_office(tokens[i].low) and tokens[i].low not in _GROUPS
        kind = "office" if title else "group"  # "the spokesman" is a group even when a name follows it
        if title and tokens[k].low in {"a", "an", "un", "une", "one", "another"}:
            kind = "group"
        title = title or tokens[i].low.startswith("spokes")
        first = k
        while first < i and (
            tokens[first].low in _ARTICLES or (not tokens[first].capital and tokens[first].possessive)
        ):
            first += 1
        if first < i and "'" in text[tokens[first].end : tokens[first + 1].start].replace("’", "'"):
            first += 1  # "the ports' spokeswoman"
        office = text[tokens[first].start : end] if title else None
        return _Mention(
            start,
            end,
            kind,
            text[start:end],
            office=office,
            gender=_GENDERED.get(tokens[i].low, ""),
            possessive=tokens[i].possessive,
        )

    def _apposition(self, mention, tokens, j, end):
        """ "Anna Berg, chair of the board,": the office after the name."""
        opening = _APPOSITION.match(self.text, mention.end, min(end, mention.end + 80))
        if not opening or mention.possessive or not mention.weight:
            return
        while j < len(tokens) and tokens[j].start < opening.end():
            j += 1
        if j >= len(tokens):
            return
        first, stop, seen = j, None, False
        if tokens[first].low in _PREPOSITIONS or tokens[first].low in {"their", "its", "our"}:
            return
        for k in range(j, min(j + 26, len(tokens))):
            token = tokens[k]
            gap = self.text[tokens[k - 1].end : token.start] if k > first else ""
            if re.search(r"[,;:(){}“”\"«»—–?!]|\.\s*$", gap) and not (
                gap.strip() == "." and tokens[k - 1].low in _ABBREVIATIONS
            ):
                break
            if token.low in _REPORTING or token.low in _VERBS or token.low in {"who", "which", "qui", "whose"}:
                break
            loose = not token.capital and token.low in _LOOSE_TITLES
            if not seen and not loose and k - first < 12 and (_is_office(token.low) or token.low in _PLURAL_OFFICES):
                seen = True
                run_end = self._run_end(tokens, k) if token.capital else k + 1
                rest = [t for t in tokens[k + 1 : run_end] if not _is_office(t.low) and t.low != "in"]
                if (
                    token.capital
                    and rest
                    and not any(t.low in _ORGANISATION_WORDS or t.low in _PORTFOLIOS for t in rest)
                    and tokens[first].capital
                ):
                    return
            stop = token.end
        if not seen or stop is None:
            return
        if tokens[first].low in {"a", "an", "the", "le", "la", "un", "une"} and first + 1 < len(tokens):
            first += 1
        if tokens[first].possessive and not tokens[first].capital:
            first += 1  # "the company's finance director"
        office = self.text[tokens[first].start : stop]
        if mention.office and not mention.person and len(mention.office) > 4:
            return
        mention.office = mention.office or office
        mention.gender = mention.gender or next((_GENDERED[w] for w in _fold(office).split()[:3] if w in _GENDERED), "")

    def _registered(self, run):
        """(from, to, person key) of the longest name of the registry inside a run."""
        if not self.registry._by_first:
            return None
        keyed = [(k, p) for k, t in enumerate(run) if len(t.low.rstrip(".")) != 1 for p in t.low.split()]
        words = [p for _, p in keyed]
        best = None
        for at in range(len(words)):
            for size, key in self.registry.named(words[at:]):
                if (
                    size == 1
                    and len(run) > 1
                    and not (
                        at and (_is_office(words[at - 1]) or words[at - 1] in _HONORIFICS) and at + 1 == len(words)
                    )
                ):
                    continue
                if best is None or size > best[3]:
                    last = keyed[min(at + size, len(keyed)) - 1][0]
                    best = (keyed[at][0], last + 1, key, size)
                elif size == best[3] and key != best[2] and at == 0:
                    best = (*best[:2], min(best[2], key), size)
        return best[:3] if best else None

    def _known(self, key, name):
        for person in self.people:
            if person.registered == key:
                return person
        uid, full = self.registry.person(key)
        person = next((p for p in self.people if p.key == _name_key(full)), None)
        if person is None:
            person = _Person(full, _name_key(full), name[0].start, name[-1].end)
            self.people.append(person)
        person.registered = key
        return person

    def _introduce(self, mention):
        person = mention.person or self._match(mention)
        if person is None:
            person = _Person(mention.text, _name_key(mention.text), mention.start, mention.end)
            self.people.append(person)
        mention.person = person
        if mention.office and mention.office not in person.offices:
            fuller = person.offices and set(_fold(person.offices[0]).split()) < set(_fold(mention.office).split())
            person.offices.insert(0 if fuller else len(person.offices), mention.office)
        person.gender = person.gender or mention.gender
        person.excellency = person.excellency or mention.excellency

    def _match(self, mention):
        """The one person of this text a full or partial name can mean, or None."""
        words = _name_key(mention.text)
        if not words:
            return None
        whole = [p for p in self.people if p.key == words]
        if len(whole) == 1:
            return whole[0]
        found = [p for p in self.people if len(p.key) > len(words) and p.key[-len(words) :] == words]
        if not found and len(words) > 1:
            found = [
                p for p in self.people if p.key[0] == words[0] and p.key[-1] == words[-1] and _ordered(words, p.key)
            ]
        if not found and len(words) == 1:
            found = [p for p in self.people if p.key[0] == words[0] and len(p.key) > 1 and (
                words[0] in _FAMILY_FIRST or "-" in p.name.split()[-1])]  # fmt: skip
        if mention.gender and len(found) > 1:
            found = [p for p in found if p.gender in ("", mention.gender)]
        if not found and len(words) == 1:
            # "named Anna Berg chief executive … said Berg": a name in full that nothing else marked as a person.
            full = {_name_key(m.text): m for m in self._bare if _goes_by(_name_key(m.text), words[0])}
            if len(full) == 1:
                (bare,) = full.values()
                self._introduce(bare)
                return bare.person
        if len(found) == 1 and not (mention.gender and found[0].gender and mention.gender != found[0].gender):
            return found[0]
        return None

    def slip(self, mention):
        """Someone whose first name differs by one letter and whose family name is the same: a printed slip."""
        words = _name_key(mention.text)
        close = [
            p for p in self.people
            if p is not mention.person and len(p.key) == len(words) > 1 and p.key[1:] == words[1:] and len(words[0]) > 3
            and len(p.key[0]) == len(words[0]) and sum(a != b for a, b in zip(p.key[0], words[0], strict=True)) == 1
        ]  # fmt: skip
        return close[0] if len(close) == 1 else None

    def resolve(self, mention):
        """(person or None, confidence factor, how) for a name or an office; pronouns are the caller's."""
        if mention.kind == "name" or (mention.kind == "bare" and mention.weight):
            if mention.kind == "name" and mention.person:
                if (
                    not mention.person.registered
                    and (other := self.slip(mention))
                    and other.start < mention.person.start
                ):
                    return other, 0.7, "name with a slip"
                return mention.person, 1.0, "name"
            person = self._match(mention)
            if person:
                return person, 0.95, "surname"
            if mention.kind == "name":
                self._introduce(mention)
                return mention.person, 0.8, "surname and title"
            if len(mention.words) > 1 and (
                mention.words[0] in _GIVEN_NAMES or any(len(w.rstrip(".")) == 1 for w in mention.words[1:-1])
            ):
                self._introduce(mention)
                return mention.person, 0.8, "name"
            return None, 0.5, "unknown"
        if mention.kind == "office":
            return self._holder(mention)
        return None, 0.9, "group"

    def _holder(self, mention):
        if mention.excellency and not mention.office:
            found = [p for p in self.people if p.excellency and p.gender in ("", mention.gender)]
            before = [p for p in found if p.start < mention.start]
            return (before[-1], 0.85, "honorific") if len(found) == 1 and before else (None, 0.5, "office")
        if not mention.office:
            return None, 0.5, "office"
        tail = re.compile(r"\s+(?:of|for|de|du|des)\s+(?:the\s+|la\s+)?((?:[A-ZÀ-Þ][\w-]*\s?)+)").match(
            self.text, mention.end, mention.end + 80
        )
        asked = mention.office + (f" of {tail[1].strip()}" if tail else "")
        title, institution = _office_key(asked)
        found = []
        for person in self.people:
            for office in person.offices:
                held, at = _office_key(office)
                if not institution - at - held and (
                    title == held or (title <= held and not (held - title) & _LESSER and title != {"general"})
                ):
                    found.append((person, title == held or title <= held | at))
                    break
        if len(found) == 1:
            return found[0][0], 0.9, "office in this text"
        if found:
            return None, 0.5, "office"
        if self._folded is None:
            self._folded = frozenset(_fold(self.text[:20000]).replace(".", " ").replace(",", " ").split())
        holders = {key for key, _ in self.registry.holders_on(asked, self.day, self._folded)} if self.day else set()
        if len(holders) == 1:
            key = holders.pop()
            _, name = self.registry.person(key)
            person = _Person(name, _name_key(name), mention.start, mention.end, registered=key)
            person.offices.append(asked)
            self.people.append(person)
            return person, 0.8, "office held that day"
        return None, 0.5, "office"


def _goes_by(key, word):
    """Is the word the family name of a full name, last or, where that is the custom, first?"""
    return key[-1] == word or (key[0] == word and word in _FAMILY_FIRST)


def _ordered(part, whole):
    rest = iter(whole)
    return all(word in rest for word in part)


_ARTICLES = _words("the a an le la les un une our its their another one his her l' l’ der die das ein eine el los las")
_PREPOSITIONS = _words(
    "of for with to from by on at in against alongside between under behind after before than like about into "
    "over through avec pour par chez dans sur contre and de du des entre apres avant selon"
)
_VERBS = _words(
    "is are was were has have had will would can could met meets joined visited opened announced launched est "
    "sont ont participated today led expected called welcomed"
)
_TITLE_GAP = re.compile(r"(\s+(?:of|for|at|de|du|des|d['’]|chez)\s?[^,.;:“”\"«»]{1,60})?,\s+")
_LISTED = re.compile(r"[^\w]*(?:\([^()]*\))?\s*(?:,|,?\s*(?:and|&|et))?\s*")
_APPOSITION = re.compile(r"(?:\s*\([^()]{1,40}\))?,\s+(?:(?:PhD|Ph\.D\.?|MD|M\.D\.?|Jr\.?|Sr\.?|Esq\.?|\d\d),\s+)?")


# --- Who said it ------------------------------------------------------------------------------------------------------

_ADVERBS = (
    r"(?:also|further|furthermore|then|later|today|yesterday|again|once|recently|in turn|for (?:his|her|"
    r"their) part|himself|herself|"
    r"\w+ly|on \w+day|this \w+|has|have|had|went on to|going on to|goes on to|who|"
    r"a|ont|avait|lui|elle|en|y|s['’]|se|s['’]est|est|également|aussi|ensuite|encore|pour sa part|quant à (?:lui|elle))"
)
_CLEAN = re.compile(
    rf"(?:\s*\([^()]*\))?(?P<of>\s+(?:of|for|at|from|in|with|de|du|des|d['’]|chez|pour)\s[^,;:“”\"«»]{{1,90}}?)?"
    rf"(?P<app>\s*,[^“”\"«»:;!?]{{1,220}},)?\s*(?:{_ADVERBS}\s+)*(?:\w+['’])?$",
    re.IGNORECASE,
)
_AFTER_VERB = re.compile(rf"\s*(?:{_ADVERBS}\s+)*$", re.IGNORECASE)
_BOUNDARY = re.compile(
    r"[.!?…](?:[)\]’]*)(?=\s+[“\"«„‘(\[]?[A-ZÀ-Þ0-9“\"«„]|\s*$)|(?<=[a-zé)\d])[.!?](?=[A-ZÀ-Þ“\"«][a-z“ ’])"
)
_TITLED = re.compile(
    r"(?i)\b(?:entitled|titled|so[- ]called|named|dubbed|nicknamed|known as|branded|theme(?:d)?(?: of|"
    r" is)?|under the theme|slogan|motto|"
    r"tagline|report|book|film|song|session|project|programme|program|initiative|campaign|exhibition|"
    r"words?|terms?|phrase|brand|"
    r"guide|lecture|panel|conference|workshop|hashtag|act|album|article|paper|study|series|"
    r"intitulée?s?|baptisée?s?|dite?|"
    r"nommée?|thème|rapport|projet|lancement de|label|advertised a|the)[\s,:]*$"
)
_CALLED = re.compile(r"(?i)\bcalled\s*$")
_STATEMENT = re.compile(
    r"(?i)\b(?:(?:released?|issued?|made|gave|delivered|publié|a publié|publie|fait|provided|"
    r"offered)\b.{0,40}?\b(?:statement|remarks|déclaration|comments?)\b|"
    r"following statement|the following (?:remarks|comments?))"
)
_STATEMENT_HEADLINE = re.compile(
    r"(?i)\b(?:statement|remarks|speech|message|address|déclaration|discours|allocution)\s+(?:from|by|of|de|du)\b"
)
_PUT_IT = re.compile(r"(?i)\b(?:as|in the words of|according to|selon|d['’]après|pour|comme)\s+(?=\S)")
_INCISE = re.compile(
    rf"(?i),\s*(?P<clause>(?:(?:{_FRENCH_VERB})(?:-t)?-(?:il|elle|ils|elles|on)|a-t-(?:il|elle|"
    rf"on)\s+(?:{_FRENCH_VERB})|"
    rf"ont-(?:ils|elles)\s+(?:{_FRENCH_VERB})|(?:a|ont)\s+(?:{_FRENCH_VERB})\s[^,.«»]{{3,80}}?|"
    rf"(?:{_FRENCH_VERB})\s+(?:M\.|Mme|le|la|[A-ZÀ-Þ])[^,.«»]{{2,80}}?))(?P<stop>\s*[.,]\s+|\s*[.]?$)"
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ATTRIBUTION = re.compile(r"[\s\n]*[—–-]{1,2}\s*(?=[A-ZÀ-Þ])")


class _Cue(NamedTuple):
    rule: str
    mention: _Mention | None
    start: int
    end: int
    weight: float
    full: bool


class _Draft:
    """A quote while its segments are collected."""

    def __init__(self, span, cue, kind):
        self.spans = [span]
        self.cue = cue
        self.kind = kind
        self.person = None
        self.source = None
        self.confidence = 0.0


class _Reader:
    """Turns the marked spans of the body into quotes with a speaker, in reading order."""

    def __init__(self, text, bodies, title, cast, language, voice=0):
        self.text = text
        self.bodies = bodies
        self.cast = cast
        self.french = language == "fr"
        self.drafts = []
        self.left_alone = []
        self._events = []  # (position, person, gender): who was last the subject
        title_mentions = cast.mentions(*title) if title else []
        self._paragraphs = []
        for index, (start, end, kind) in enumerate(bodies):
            goes_on = index + 1 < len(bodies) and text[bodies[index + 1][0]] in _OPEN_MARKS
            readable = kind != "h2" and end - start < PARAGRAPH_LIMIT
            spans = _pair_marks(text, start, end, index, goes_on) if readable else []
            spans = spans if len(spans) < SPAN_LIMIT else []
            self._paragraphs.append([start, end, kind, spans, None, None])
        for paragraph in self._paragraphs:
            short = paragraph[1] - paragraph[0] < PARAGRAPH_LIMIT
            paragraph[4] = cast.mentions(paragraph[0], paragraph[1]) if short else []
        body = text[bodies[0][0] : bodies[-1][1]] if bodies else ""
        # A headline in capitals makes names of its verbs: only what the text below repeats counts.
        repeated = [m for m in title_mentions if m.person or m.text in body]
        cast.introduce([*repeated, *(m for p in self._paragraphs for m in p[4])])
        self._voice = voice
        self._headline = self._headline_speaker(title, title_mentions)
        self._statement = None  # (paragraph index, cue): a statement was announced
        for index in range(len(self._paragraphs)):
            self._paragraph(index)

    def _headline_speaker(self, title, mentions):
        if title and (match := _STATEMENT_HEADLINE.search(self.text, *title)):
            named = [m for m in mentions if m.start >= match.end() - 1 and m.start - match.end() < 30]
            if named and (named[0].kind in ("name", "office")):
                return named[0]
        return None

    def _paragraph(self, index):
        start, end, kind, spans, mentions, _ = self._paragraphs[index]
        masked = _mask(self.text, start, end, spans)
        free = [m for m in mentions if not any(s.start <= m.start < s.end for s in spans)]
        bounds = _sentences(masked, start, end, spans, self.text)
        if start < self._voice < end:
            free = [m for m in free if m.start >= self._voice]
            bounds = [b for b in bounds if b > self._voice]
            bounds.insert(0, self._voice)
        used = start
        previous = None
        sentence_index = 0
        for number, span in enumerate(spans):
            begin = max([b for b in bounds if b <= span.open] or [start])
            sentence_index = self._note_subjects(bounds, free, masked, start, span.open, sentence_index)
            following = spans[number + 1].open if number + 1 < len(spans) else end
            stop = min([b for b in bounds if b >= span.close] + [end])
            context = _Context(masked, start, max(begin, used), span, min(stop, following), free, begin)
            words = len(_WORD.findall(self.text[span.start : span.end]))
            if self._negative_first(span, context, words):
                continue
            cue = self._cue(span, context, mentions)
            consumed = cue.end if cue and cue.rule.startswith("after") else span.close
            if (
                cue is None
                and previous
                and previous.spans[-1].paragraph == index
                and self._continues(previous, context, bounds)
            ):
                previous.spans.append(span)
                used = span.close
                continue
            if cue is None and index and self._opens_again(index, number):
                self.drafts[-1].spans.append(span)
                previous = self.drafts[-1]
                used = span.close
                continue
            if cue is None:
                cue = self._embedded(context, words)
            if cue is None:
                cue = self._uncued(context, index, words)
            if cue is None:
                self._leave(span, "no one is said to say it")
                continue
            partial = not cue.full
            draft = _Draft(span, cue, "partial" if partial else "full")
            self._attribute(draft)
            if partial and words < 2 and not draft.person:
                self._leave(span, "too short")
                continue
            self.drafts.append(draft)
            previous = draft
            used = max(consumed, span.close)
        self._note_subjects(bounds, free, masked, start, end, sentence_index)
        self._announce(index, masked, start, end, free, spans)

    # Negatives: words in marks that nobody says.

    def _negative_first(self, span, context, words):
        before = context.before.rstrip(" ")
        content = self.text[span.start : span.end]
        if self.text[span.open - 1 : span.open] == "(" and context.after.lstrip()[:1] == ")" and words < 8:
            return self._leave(span, "defined term")
        if words < 8 and re.search(r"[{}=<>;]|^[.#]\w", content):
            return self._leave(span, "code")
        said = re.search(r"(?i)\b(?:said|says|added|stated|adding|saying|déclare|déclaré)\s*[:,]?$", before)
        if said:
            return False
        direct = before.endswith((":", ",")) and words >= 4
        cue_after = self._right(context) if content[-1:] in ",.!?…" or context.after[:1] == "," else None
        if cue_after and (words >= 3 or content[-1:] in ",.!?"):
            return False
        if (
            _TITLED.search(before)
            and not (before.endswith("the") and words >= 8)
            and (words < 14 or _title_case(content))
        ) and (not re.search(r"(?i)\bthe$", before) or words < 5 or _title_case(content)):
            return self._leave(span, "title")
        if _CALLED.search(before) and words < 5:
            return self._leave(span, "name")
        if _title_case(content) and words < 14 and not (direct and content[-1:] in ".!?,"):
            return self._leave(span, "title")
        return False

    def _leave(self, span, reason):
        self.left_alone.append((span.start, span.end, reason))
        return True

    def _cue(self, span, context, mentions):
        """The clause that says who speaks. Words that end in a comma inside the marks wait for a clause after them."""
        if self.french and (cue := self._incise(span, mentions)):
            return cue
        if self.text[span.end - 1] == ",":
            return self._right(context) or self._left(context)
        return self._left(context) or self._right(context)

    # Cues before the words.

    def _left(self, context):
        before = context.before.rstrip()
        if not before:
            return None
        mark = before[-1]
        if mark == "_":
            return None
        begin, at = context.begin, context.begin + len(before)
        tokens = _tokens(context.masked, begin - context.base, at - context.base, context.base)
        if mark in ":," and (match := [m for m in _PUT_IT.finditer(before) if len(before) - m.end() < 120]):
            mention = next((m for m in context.mentions if abs(m.start - (begin + match[-1].end())) < 5), None)
            tail = before[mention.end - begin :] if mention else ""
            if mention and re.fullmatch(
                r"(?:,[^“”\"]{1,120})?(?:\s+(?:puts?|said|says|explained|noted|l['’]\w+)(?:\s+it)?)?\s*[,:]", tail
            ):
                return _Cue("before: put it", mention, begin, at, 0.9, True)
        verbs = [t for t in tokens if t.low in _REPORTING and not t.capital and not t.possessive]
        for verb in reversed(verbs):
            rest = before[verb.end - begin :]
            if (
                mark == ":"
                and len(rest) > 220
                or mark == ","
                and len(rest) > 70
                or mark not in ":,"
                and rest.strip() not in ("", "that", "que")
            ):
                continue
            if mark == "," and verb.low in _CALLING:
                continue
            if mark not in ":," and (verb.low in _CALLING or not self._sentence_like(context.span)):
                continue
            mention = self._subject_before(context, verb)
            if mention is None and verb.low in _SAYING:
                mention = self._first_subject(context)
            if mention is None and mark in ":,":
                mention = self._first_subject(context)
                if mention is None:
                    continue
                return _Cue("before: said", mention, begin, at, 0.8, True)
            if mention:
                return _Cue("before: said", mention, begin, at, 0.95 if mark in ":," else 0.85, True)
        if mark == ":" and (mention := self._first_subject(context)):
            others = [
                m
                for m in context.before_mentions()
                if m.kind == "name" and m is not mention and m.person is not mention.person
            ]
            if not others:
                return _Cue("before: colon", mention, begin, at, 0.8, True)
        if mark in ':”"»' and _STATEMENT.search(before) and (mention := self._first_subject(context)):
            return _Cue("before: statement", mention, begin, at, 0.9, True)
        return None

    def _sentence_like(self, span):
        content = self.text[span.start : span.end]
        return content[:1].isupper() and content[-1:] in ".!?,…"

    def _subject_before(self, context, verb):
        """The mention whose clause the verb closes: nothing but an apposition, a place or adverbs may stand between."""
        candidates = [m for m in context.sentence_mentions if m.end <= verb.start]
        for mention in reversed(candidates):
            if mention.possessive:
                continue
            between = context.slice(mention.end, verb.start)
            clean = _CLEAN.match(between)
            if not clean or (clean["of"] and mention.kind == "bare"):
                continue
            lead = context.slice(context.sentence, mention.start)
            last = re.search(r"([\w’'-]+)\s*$", lead)
            word = last[1].lower() if last else ""
            if mention.kind != "pronoun" and word in _PREPOSITIONS and word not in ("and", "et", "but"):
                continue
            if word in ("and", "et", "&") and mention.kind in ("name", "bare"):
                earlier = [
                    m
                    for m in candidates
                    if m.end < mention.start
                    and context.slice(m.end, mention.start).strip() in ("and", "et", "&", ", and")
                    or m.end < mention.start
                    and re.fullmatch(
                        r"(?:\s*,[^,]{1,120},|\s*\([^)]*\))?\s*(?:and|et)\s*", context.slice(m.end, mention.start)
                    )
                ]
                if earlier and earlier[-1].kind in ("name", "bare"):
                    first = earlier[0]
                    return _Mention(first.start, mention.end, "group", self.text[first.start : mention.end])
            if clean["app"] and mention.kind in ("office", "group"):
                inner = [m for m in candidates if m.start >= mention.end and m.kind == "name"]
                if (
                    inner
                    and context.slice(mention.end, inner[0].start).strip() == ","
                    and re.fullmatch(r"\s*,\s*", context.slice(inner[-1].end, verb.start)[:2].strip() or ",")
                ):
                    return replace(inner[0], start=mention.start)
            if clean["of"] and mention.kind in ("office", "group"):
                stop = mention.end + len(clean["of"].rstrip())
                return _widen(mention, stop, self.text)
            return mention
        return None

    def _first_subject(self, context):
        """The mention a sentence begins with, maybe after one introductory phrase."""
        for mention in context.sentence_mentions:
            if mention.end > context.span.open:
                break
            if mention.possessive:
                continue
            lead = _MASKED.sub("", context.slice(context.sentence, mention.start)).strip(" ’'\n")
            if (
                not lead
                or re.fullmatch(r"(?i)(?:[^,]{1,120},\s*)?(?:the|a|an|le|la|les)?", lead)
                and not re.search(r"(?i)\b(?:with|to|by|from|for|of|that)$", lead)
            ):
                if joint := self._joint(context, mention):
                    return joint
                return mention if mention.kind != "bare" or mention.weight else _as_group(mention)
            if mention.kind == "name":
                break
        return None

    def _joint(self, context, mention):
        """ "A and B issued a statement": two people speak as one source, and neither alone."""
        later = next((m for m in context.sentence_mentions if m.start >= mention.end), None)
        named = later and later.kind in ("name", "bare") and later.weight and mention.kind in ("name", "bare", "office")
        if named and _JOINT.fullmatch(context.slice(mention.end, later.start)):
            return _Mention(mention.start, later.end, "group", self.text[mention.start : later.end])
        return None

    # Cues after the words.

    def _right(self, context):
        after = context.after
        lead = re.match(r"[\s,–—]*", after)
        if not after.strip(" .,\n"):
            return self._attribution_line(context)
        at = context.span.close + lead.end()
        if match := re.compile(r"(?i)according to\s+|selon\s+|d['’]après\s+").match(after, lead.end()):
            mention = self._mention_at(context, context.span.close + match.end())
            if mention:
                return _Cue("after: according to", mention, at, mention.end, 0.9, True)
        if re.match(r"\s*[—–]\s*[A-ZÀ-Þ]", after):
            mention = self._mention_at(context, at)
            if mention and mention.kind == "name":
                return _Cue("after: name line", mention, at, mention.end, 0.85, True)
        tokens = _tokens(context.masked, at - context.base, min(context.stop, at + 260) - context.base, context.base)
        if not tokens:
            return None
        content = self.text[context.span.start : context.span.end]
        ended = content[-1:] in ".!?" and not after.lstrip(" ").startswith(",")
        first = 0
        while first < min(3, len(tokens)) and tokens[first].low in _AUXILIARIES:
            first += 1
        if first < len(tokens) and tokens[first].low in _SAY and not tokens[first].capital:
            verb = tokens[first]
            mention = self._mention_at(context, verb.end)
            if mention:
                mention = self._named_instead(context, mention)
                return _Cue("after: said X", mention, at, max(mention.end, verb.end), 0.97, True)
        if self.french and (
            match := re.compile(
                rf"(?i)\s*,?\s*(?P<c>(?:a-t-|ont-|(?:{_FRENCH_VERB})(?:-t)?-)(?P<who>ils?|elles?|on)\b[^.«»]*)"
            ).match(after)
        ):
            gender = _PRONOUNS.get(match["who"].lower(), "")
            start = context.span.close + match.start("c")
            mention = _Mention(start, start + 1, "pronoun", match["who"], gender=gender)
            return _Cue("after: X said", mention, start, context.span.close + match.end(), 0.9, True)
        for verb in tokens[:30]:
            if verb.low in _SAY and not verb.capital and not verb.possessive:
                mention = self._subject_before(
                    _Context(
                        context.masked, context.base, at, context.span, context.stop, context.after_mentions(), at
                    ),
                    verb,
                )
                if mention is None or context.slice(at, mention.start).strip(" ,").lower() not in (
                    "",
                    "the",
                    "a",
                    "an",
                    "le",
                    "la",
                    "les",
                ):
                    return None
                rest = context.slice(verb.end, context.stop)
                if rest.lstrip()[:1] == ":" or re.search(r"[:“\"«]\s*$", rest) and ended:
                    return None
                if ended and not re.match(
                    r"\s*(?:[.,]|in (?:a|an|his|her|the)\b|at\b|during\b|on \w+day|\w+day\b|today|$)", rest
                ):
                    return None
                return _Cue("after: X said", mention, at, verb.end, 0.95 if not ended else 0.85, True)
        return None

    def _attribution_line(self, context):
        """ "— Name, Title" in the paragraph below words that fill their own."""
        index = context.span.paragraph + 1
        if context.after.strip() or index >= len(self._paragraphs):
            return None
        start, end, _, _, mentions, _ = self._paragraphs[index]
        if not (match := _ATTRIBUTION.match(self.text, start, end)) or end - start > 200:
            return None
        if mentions and mentions[0].kind == "name" and mentions[0].start <= match.end() + 30:
            return _Cue("after: name line", mentions[0], start, end, 0.9, True)
        return None

    def _mention_at(self, context, position):
        for mention in context.mentions:
            if mention.end <= position:
                continue
            if mention.start < position + 40 and _AFTER_VERB.match(
                re.sub(r"(?i)\b(?:the|a|an|le|la|les|l['’]|her|his)\s*$", "", context.slice(position, mention.start))
            ):
                return mention if mention.start >= position else None
            return None
        return None

    def _named_instead(self, context, mention):
        """An office never outranks a name in the same clause: "said the minister, Anna Berg"; two names are a group."""
        later = [m for m in context.mentions if m.start >= mention.end and m.start < context.stop]
        named = mention.kind in ("office", "group") and later and later[0].kind == "name"
        if named and context.slice(mention.end, later[0].start).strip() == ",":
            return later[0]
        if mention.kind in ("name", "bare") and later and later[0].kind in ("name", "bare"):
            gap = context.slice(mention.end, later[0].start)
            if re.fullmatch(r"\s*(?:\([^)]*\)\s*)?(?:and|et|&)\s*", gap):
                return _Mention(mention.start, later[0].end, "group", self.text[mention.start : later[0].end])
        if mention.kind in ("office", "group"):
            extra = re.compile(r"\s+(?:for|of|at|from|de|du|des)\s[^,.;:“”\"«»\n]{1,80}").match(
                self.text, mention.end, context.stop
            )
            if extra:
                return _widen(mention, extra.end(), self.text)
        return mention

    def _incise(self, span, mentions):
        """French puts the cue inside the marks: « A, affirme-t-elle. B » is two verbatim stretches."""
        match = _INCISE.search(self.text, span.start, span.end)
        if not match or (not match["stop"].strip() and match.end() < span.end):
            return None
        clause, start = match["clause"], match.start("clause")
        if pronoun := re.search(r"-(ils?|elles?|on)\b", clause, re.IGNORECASE):
            at = start + pronoun.start(1)
            word = pronoun[1].lower()
            mention = _Mention(at, at + len(word), "pronoun", word, gender=_PRONOUNS.get(word, ""))
        else:
            mention = next((m for m in mentions if start <= m.start < match.end("clause")), None)
        span.parts = [p for p in ((span.start, match.start()), (match.end(), span.end)) if p[0] < p[1]]
        return _Cue("incise", mention, start, match.end("clause"), 0.9, True)

    # Words inside a sentence, and words without a cue.

    def _embedded(self, context, words):
        before = context.before.rstrip()
        if not before or (before[-1] in ":." and not before.endswith("U.S.")):
            return None
        tokens = _tokens(context.masked, context.begin - context.base, context.span.open - context.base, context.base)
        verbs = [t for t in tokens if t.low in _REPORTING and not t.capital and not t.possessive]
        adjacent = bool(verbs) and len(tokens) and verbs[-1] in tokens[-4:]
        if words < 4 and not (adjacent and words > 1 and verbs[-1].low in _CALLING | {"said", "as"}):
            return None
        near = tokens[-14].start if len(tokens) >= 14 else 0
        for verb in reversed([v for v in verbs if v.start >= near]):
            mention = self._subject_before(context, verb)
            if mention is None and (verb.low in _SAYING or verb is verbs[0]):
                mention = self._first_subject(context)
            if mention and mention.kind == "bare" and not mention.weight:
                mention = _as_group(mention)
            if mention:
                return _Cue("inside: clause", mention, context.sentence, context.span.open, 0.85, False)
        return None

    def _uncued(self, context, index, words):
        """A sentence or paragraph in marks that nobody claims: an announced statement, or whoever spoke before."""
        before = context.before.strip()
        span = context.span
        if before and before[-1] not in ":,—–" and words < 8:
            return None
        if before and before[-1] not in ":,.—–-" and not self._announced(index):
            return (
                _Cue("inside: no cue", None, span.open, span.close, 0.3, False)
                if words >= 8 and before[-1:] != "("
                else None
            )
        if words < 3 or (words < 8 and not (span.open == self._paragraphs[index][0] or self._sentence_like(span))):
            return None
        if self._statement and index - self._statement[0] <= 1:
            cue = self._statement[1]
            return cue._replace(rule="statement", weight=0.85)
        whole = span.open <= self._paragraphs[index][0] + 1 and span.close >= self._paragraphs[index][1] - 1
        if words >= 5 and self.drafts and (whole or not before):
            last = self.drafts[-1]
            near = index - last.spans[-1].paragraph
            if near <= 1 and last.kind == "full" and self._nothing_between(last, span):
                return _Cue("same as before", last.cue.mention, last.cue.start, last.cue.end, 0.55, True)
        if self._headline and words >= 5:
            return _Cue("headline", self._headline, self._headline.start, self._headline.end, 0.5, True)
        if words >= 8 or (whole and words >= 5):
            return _Cue("no cue", None, span.open, span.close, 0.4, True)
        return None

    def _announced(self, index):
        return self._statement is not None and index - self._statement[0] <= 1

    def _nothing_between(self, last, span):
        """Only the cue clause itself may stand between two stretches that share a speaker."""
        between = self.text[
            max(last.spans[-1].close, last.cue.end if last.cue.end > last.spans[-1].open else 0) : span.open
        ]
        return len(between.strip(" \n.,;")) == 0

    def _continues(self, previous, context, bounds):
        """ "A," said X. "B.": the second half has no cue of its own and follows the cue's sentence at once."""
        last = previous.spans[-1]
        if not previous.cue.rule.startswith(("after", "incise")) or previous.cue.start < last.close:
            return False
        crossed = sum(1 for b in bounds if last.close < b <= context.span.open)
        rest = context.before
        if rest.strip(" .,;\n_"):
            # An abbreviation at the end of an office hides the full stop: "X, chair of Y Inc. “B”".
            verbs = any(t.low in _REPORTING or t.low in _VERBS for t in _tokens(rest, 0, len(rest)))
            return crossed == 0 and rest.lstrip()[0] in ",(" and rest.rstrip()[-1] in ".," and not verbs
        return crossed <= 1

    def _opens_again(self, index, number):
        """A paragraph whose last mark stayed open goes on in the next one that opens with a mark."""
        if number or not self.drafts:
            return False
        last = self.drafts[-1].spans[-1]
        start = self._paragraphs[index][0]
        return not last.closed and last.paragraph == index - 1 and self._paragraphs[index][3][0].open == start

    def _announce(self, index, masked, start, end, free, spans):
        """Remember that a statement was announced, and take an unmarked block after "X said:"."""
        bounds = _sentences(masked, start, end, spans, self.text)
        here = _Span(end, end, end, end, index)
        given = [d for d in self.drafts if d.spans[0].paragraph == index]
        if self._statement:
            follows = given and all(d.cue.rule == "statement" for d in given)
            self._statement = (index, self._statement[1]) if follows else None if given else self._statement
        announced = [
            m for m in _STATEMENT.finditer(masked) if not any(d.spans[0].open >= start + m.end() for d in given)
        ]
        if announced:
            at = start + announced[-1].start()
            sentence = max(b for b in bounds if b <= at)
            context = _Context(masked, start, sentence, here, end, free, sentence)
            named = (m for m in free if sentence <= m.start < at and m.kind == "name")
            if mention := self._first_subject(context) or next(named, None):
                self._statement = (index, _Cue("statement", mention, sentence, start + announced[-1].end(), 0.85, True))
        following = self._paragraphs[index + 1] if index + 1 < len(self._paragraphs) else None
        if self.text[end - 1] != ":" or not following or following[3] or following[2] == "h2":
            return
        begin = max(b for b in bounds if b < end)
        cue = self._left(_Context(masked, start, begin, here, end, free, begin))
        if cue is None and self._statement and self._statement[0] == index:
            cue = self._statement[1]
        if cue and cue.rule in ("before: said", "before: statement", "statement"):
            self._take_block(index + 1, cue)

    def _take_block(self, index, cue):
        """The unmarked paragraphs in the first person that follow, as ministries print them."""
        block = []
        for number in range(index, len(self._paragraphs)):
            start, end, kind, marked, _, _ = self._paragraphs[number]
            if kind not in ("p", "blockquote") or marked or not _FIRST_PERSON.search(self.text, start, end):
                break
            block.append(_Span(start, end, start, end, number))
        if block:
            draft = _Draft(block[0], cue._replace(rule="block after " + cue.rule, weight=0.5), "full")
            draft.spans = block
            self._attribute(draft)
            self.drafts.append(draft)

    # Subjects, and the person behind them.

    def _note_subjects(self, bounds, free, masked, base, until, done):
        """Record the subject of each sentence begun before `until`, so that a pronoun finds the last one."""
        index = done
        while index < len(bounds) and bounds[index] < until:
            begin = bounds[index]
            stop = bounds[index + 1] if index + 1 < len(bounds) else base + len(masked)
            context = _Context(masked, base, begin, _Span(stop, stop, stop, stop, 0), stop, free, begin)
            mention = self._first_subject(context)
            if mention and mention.kind in ("name", "office", "bare"):
                person = self.cast.resolve(mention)[0] if mention.kind != "bare" else self.cast._match(mention)
                if person:
                    self._events.append((mention.start, person, mention.gender or person.gender))
                elif mention.kind != "bare" or mention.weight:
                    self._events.append((mention.start, None, mention.gender))
            index += 1
        return index

    def _attribute(self, draft):
        cue, mention = draft.cue, draft.cue.mention
        draft.confidence = cue.weight
        if mention is None:
            return
        if mention.kind == "pronoun":
            person, gender = None, mention.gender
            if gender:
                events = [e for e in self._events if e[0] < mention.start]
                if events and (not events[-1][2] or events[-1][2] == gender):
                    person = events[-1][1]
            factor = 0.85
            if person is None and not gender:
                draft.source = mention.text
        elif mention.kind == "group":
            person, factor = None, 0.9
        else:
            person, factor, _ = self.cast.resolve(mention)
        draft.person = person
        draft.confidence = round(cue.weight * factor, 2)
        if person:
            gender = mention.gender
            if gender and not person.gender:
                person.gender = gender
            self._events.append((max(mention.start, draft.spans[0].open), person, person.gender))
        elif mention.kind != "pronoun":
            draft.source = " ".join(mention.text.split())


_MASKED = re.compile('[“„«‘"]?_+[”“»’"]?')
_JOINT = re.compile(r"\s*(?:\([^)]*\)\s*)?(?:,?\s*(?:and|et|&)\s+(?:the\s+)?)")
_AUXILIARIES = _words("a ont avait has have had also then lui s' s’ se est further later")


class _Context:
    """The sentence around a span: what stands before and after it, and the mentions outside quotes."""

    def __init__(self, masked, base, begin, span, stop, mentions, sentence):
        self.masked, self.base, self.begin, self.span, self.stop, self.sentence = (
            masked,
            base,
            begin,
            span,
            stop,
            sentence,
        )
        self.mentions = mentions
        self.before = masked[begin - base : span.open - base]
        self.after = masked[span.close - base : max(stop, span.close) - base]
        self.sentence_mentions = [m for m in mentions if m.start >= sentence and m.start < stop]

    def slice(self, start, end):
        return self.masked[start - self.base : end - self.base]

    def before_mentions(self):
        return [m for m in self.sentence_mentions if m.end <= self.span.open]

    def after_mentions(self):
        return [m for m in self.mentions if m.start >= self.span.close]


def _widen(mention, end, text):
    return _Mention(
        mention.start,
        end,
        mention.kind,
        text[mention.start : end],
        mention.words,
        mention.office and text[mention.start : end],
        mention.gender,
    )


def _as_group(mention):
    return _Mention(mention.start, mention.end, "group", mention.text)


def _mask(text, start, end, spans):
    """The paragraph with the words inside marks blanked, same length: they hold no clause of the author's."""
    out, at = [], start
    for span in spans:
        out.append(text[at : span.start])
        out.append("_" * (span.end - span.start))
        at = span.end
    out.append(text[at:end])
    return "".join(out)


def _sentences(masked, start, end, spans, text):
    """Where sentences begin: after a full stop that ends no abbreviation, and after a quote that ends one."""
    found = {start}
    for match in _BOUNDARY.finditer(masked):
        before = re.search(r"([\w.’'-]+)$", masked[max(0, match.start() - 12) : match.start()])
        word = before[1].lower() if before else ""
        if match[0][0] == "." and (
            word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or re.fullmatch(r"(?:\w\.)+\w", word)
        ):
            continue
        at = start + match.end()
        if at < end:
            found.add(at)
    for span in spans:
        if (
            text[span.end - 1] in ".!?…"
            and re.match(r"\s*[“\"«„(]?[A-ZÀ-Þ]", text[span.close : span.close + 4])
            and span.close < end
        ):
            found.add(span.close)
    return sorted(found)


def _title_case(content):
    """Every longer word capitalised, as in the name of a work or a programme."""
    words = [w for w in re.findall(r"[^\W\d_][\w’'-]*", content) if len(w) > 3]
    return len(words) > 1 and all(w[0].isupper() for w in words) and not content.isupper()


# --- The proposal -----------------------------------------------------------------------------------------------------

_STOPWORDS = {
    "en": _words("the of and to in is that for with on was said by as are it from has have will this"),
    "fr": _words("le la les des du et est dans une un pour que qui sur par avec au aux sont cette plus"),
    "de": _words("der die das und ist den von mit für auf im ein eine des dem zu nicht sich wird als"),
    "es": _words("el los las de y en que por con una para del se su es al como más fue la"),
    "it": _words("il di che e la per un una con del della sono gli le nel alla dei da è più"),
    "nl": _words("de het een en van is dat op te in voor met zijn die aan door wordt ook niet om"),
}


def _language(text):
    words = re.findall(r"[^\W\d_]+", text[:6000].lower())
    scores = {code: sum(1 for w in words if w in stop) for code, stop in _STOPWORDS.items()}
    best = max(scores, key=scores.get)
    return best if scores[best] > scores["en"] else "en"


def read(text, registry=None, file=""):
    """The proposal for one release.

    Never raises on a str. Bytes that are empty, binary, too long or of no known encoding raise `UnreadableRelease`;
    what is missing from readable text (a title, a date) stands in `problems`.
    """
    given = _decode(text) if isinstance(text, bytes) else text
    registry = registry or Registry()
    proposal = Proposal(file=file)
    if len(given) > LIMIT or not given.strip():
        proposal.problems.append(
            "The text is empty." if not given.strip() else "The text is too long for a release; nothing was read."
        )
        if given.strip():
            proposal.cut.append(Cut(given, 0, len(given), "too long"))
        return proposal
    source = _Source(given)
    layout = _Layout(source.text)
    proposal.language = _language(source.text)
    _fill_layout(proposal, source, layout)
    if len(given) <= VOICE_LIMIT:
        _fill_voices(proposal, source, layout, registry)
    else:
        proposal.problems.append("The text is very long: no quotes were looked for. Please send one release at a time.")
    _fill_topics(proposal, registry)
    _fill_problems(proposal, given)
    return proposal


def _fill_layout(proposal, source, layout):
    text = source.given
    for part in layout.parts:
        start, end = source.at(part.start, part.end)
        words = text[start:end]
        if part.role == "title":
            proposal.title, proposal.title_span = words, [start, end]
        elif part.role == "body":
            proposal.paragraphs.append(Piece(words, start, end, part.detail))
        elif part.role == "related":
            proposal.related.append(Related(words, part.detail, len(proposal.paragraphs), start, end))
        elif part.role == "cut":
            proposal.cut.append(Cut(words, start, end, part.detail))
    for s, e, role, iso, time, standalone in layout.dates:
        start, end = source.at(s, e)
        proposal.dates.append(
            FoundDate(text[start:end], start, end, role, f"{iso}T{time}" if iso and time else iso, standalone)
        )
        if role == "updated" and time and not proposal.last_updated:
            proposal.last_updated = f"{iso}T{time}"
    if source.invisible:
        covered = sorted((s, e) for s, e, _, _ in proposal.pieces())
        for at in source.invisible:
            place = bisect_right(covered, (at, len(text))) - 1
            if place < 0 or at >= covered[place][1]:
                proposal.cut.append(Cut(text[at], at, at + 1, "invisible character"))
    proposal.cut.sort(key=lambda cut: cut.start)
    for role in ("posted", "dateline"):
        proposal.dated = proposal.dated or next((d.iso[:10] for d in proposal.dates if d.role == role and d.iso), None)
    proposal.event_date = next((d.iso[:10] for d in proposal.dates if d.role == "event" and d.iso), None)
    proposal.place = layout.place and " ".join(layout.place.split())
    proposal.summary = next((" ".join(p.text.split()) for p in proposal.paragraphs if p.kind == "p"), None)
    if layout.embargo:
        proposal.embargo = text[slice(*source.at(*layout.embargo))]


def _fill_voices(proposal, source, layout, registry):
    """Quotes and people."""
    bodies = [(p.start, p.end, p.detail) for p in layout.parts if p.role == "body"]
    title = next(((p.start, p.end) for p in layout.parts if p.role == "title"), None)
    cast = _Cast(source.text, registry, proposal.dated or proposal.event_date)
    reader = _Reader(source.text, bodies, title, cast, proposal.language, layout.voice)
    text = source.given
    for draft in reader.drafts:
        spans = [source.at(*part) for span in draft.spans for part in (span.parts or [(span.start, span.end)])]
        person = draft.person
        start, end = source.at(draft.cue.start, draft.cue.end)
        proposal.quotes.append(
            Quote(
                segments=[text[s:e] for s, e in spans],
                spans=[list(s) for s in spans],
                kind=draft.kind,
                speaker=person.name if person else None,
                speaker_uid=_uid(person, registry),
                position=_position(person, registry, cast.day),
                source=None if person else draft.source,
                rule=draft.cue.rule,
                evidence={"text": text[start:end], "start": start, "end": end},
                confidence=draft.confidence,
            )
        )
    for start, end, reason in reader.left_alone:
        s, e = source.at(start, end)
        proposal.left_alone.append({"text": text[s:e], "start": s, "end": e, "reason": reason})
    for person in sorted(cast.people, key=lambda p: p.start):
        start, end = source.at(person.start, person.end)
        office = person.offices[0] if person.offices else None
        proposal.people.append(
            Named(person.name, office, _position(person, registry, cast.day), _uid(person, registry), start, end)
        )


def _uid(person, registry):
    return registry.person(person.registered)[0] if person and person.registered is not None else None


def _position(person, registry, day):
    """The canonical office: as the registry has it for that day, else from the words of the text."""
    if person is None:
        return None
    written = person.offices[0] if person.offices else None
    if person.registered is not None and (held := registry.offices(person.registered, day)):
        keys = [_office_key(office) for office in person.offices]
        fitting = [h for h in held if any(h.key[0] <= t | i for t, i in keys)]
        return (fitting or held)[0].position
    return canonical_position(written)


def _fill_topics(proposal, registry):
    if not registry.topics:
        return
    text = " ".join([proposal.title or "", *(p.text for p in proposal.paragraphs)]).casefold()
    for topic in registry.topics:
        for name in [topic["name"], *(topic.get("aliases") or [])]:
            if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", text):
                proposal.topics.append({"path": topic.get("path"), "name": topic["name"], "evidence": name})
                break


def _fill_problems(proposal, given):
    """What an editor has to know or decide, in words for an editor."""
    problems = proposal.problems
    if not proposal.title:
        problems.append("No title was found: the text begins with a paragraph. Please write one.")
    if not proposal.dated:
        unclear = [d.text for d in proposal.dates if d.standalone and not d.iso]
        problems.append(
            f"The date “{unclear[0]}” can be read in two ways or is none. Please give the date."
            if unclear else "No date of release was found. Please give the date printed on it."
        )  # fmt: skip
    if not proposal.paragraphs:
        problems.append("No text was found below the title.")
    if proposal.embargo:
        also = " The text also says it is for immediate release." if _IMMEDIATE.search(given) else ""
        problems.append(f"An embargo is printed: “{proposal.embargo}”. Decide when this may be public.{also}")
    if _MOJIBAKE.search(given):
        problems.append(
            "Some characters look damaged (such as “â€œ” for a quotation mark). Please send the text again as UTF-8."
        )
    if "\0" in given:
        problems.append("The text holds NUL characters, which cannot be stored. Please remove them.")
