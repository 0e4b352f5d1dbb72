"""The triggers of the record: what the database itself refuses, stamps and tells the ledger, on both engines.

One list of rules is generated from the models and compiled twice. On SQLite a rule is a trigger whose WHEN is the
forbidden case; on PostgreSQL the rules of a table are the IFs of one function. Every column is protected unless it is
listed free. `install`, `remove` and `differences` are all there is to call; migrate calls them by itself.
"""

import re
from dataclasses import dataclass

from django.db import connection, transaction

from articles import search
from articles.ledger import Amendment, Change, Stamp, State
from articles.models import (
    ERASABLE,
    REFERENCES,
    Article,
    Attachment,
    Edition,
    Ending,
    ErasedAddress,
    Erasure,
    Image,
    Mention,
    OldSlug,
    Placement,
    Quote,
    QuoteText,
    RelatedItem,
    Rendition,
)  # fmt: skip
from articles.roles import establish_roles
from articles.standing import StandingPage, establish_pages
from articles.topics import FormerPath
from people.models import Appointment, FormerSlug

HORIZON = "(SELECT horizon FROM articles_state WHERE id = 1)"
SEALED = "EXISTS (SELECT 1 FROM articles_edition e WHERE e.id = {row}.edition_id AND e.live_from IS NOT NULL)"
HAS_RECORD = "EXISTS (SELECT 1 FROM articles_edition e WHERE e.article_id = {row}.{key} AND e.live_from IS NOT NULL)"

#: public tables, and when one of their rows is something the public can see
PUBLIC = {
    **dict.fromkeys(REFERENCES, "{row}.public_from IS NOT NULL"),
    FormerSlug: "1 = 1",
    FormerPath: "1 = 1",
    Edition: "{row}.live_from IS NOT NULL",
    **dict.fromkeys((QuoteText, Mention, Placement, Attachment, RelatedItem, Edition.topics.through), SEALED),
    Article: HAS_RECORD.replace("{key}", "id"),
    **{model: HAS_RECORD.replace("{key}", "article_id") for model in (OldSlug, Quote)},
    Quote.topics.through: "EXISTS (SELECT 1 FROM articles_quotetext q JOIN articles_edition e ON e.id = q.edition_id"
    " WHERE q.quote_id = {row}.quote_id AND e.live_from IS NOT NULL)",
    Image: "EXISTS (SELECT 1 FROM articles_placement p JOIN articles_edition e ON e.id = p.edition_id"
    " WHERE p.image_id = {row}.id AND e.live_from IS NOT NULL)",
    Rendition: "EXISTS (SELECT 1 FROM articles_placement p JOIN articles_edition e ON e.id = p.edition_id"
    " WHERE p.image_id = {row}.image_id AND e.live_from IS NOT NULL)",
    Ending: "1 = 1",
    Erasure: "1 = 1",
    ErasedAddress: "1 = 1",
    StandingPage: "1 = 1",
}
#: tables the public never sees, or sees only through the ledger's own numbers
PRIVATE = {"articles_state", "articles_stamp", "articles_change", "articles_amendment", "articles_save", "articles_act",
           "articles_release", "account_emailaddress", "account_emailconfirmation", "mfa_authenticator",
           "newsroom_cache", "newsroom_noticechoice",
           "newsroom_notice", "articles_arrival",
           "newsroom_partner", "newsroom_webhook", "newsroom_hub", "django_tasks_database_dbtaskresult",
           "articles_override", "articles_releasegroup", "articles_releasegroup_editions",
           "articles_embargorelease", "articles_embargoread", "newsroom_key",
           "articles_share", "articles_shareread", "articles_presence", *search.TABLES[connection.vendor]}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """`when`, on a row about to be inserted, updated or deleted (SQL over NEW and OLD), is refused with `message`."""

    model: type
    operation: str
    name: str
    when: str
    message: str
    only_sqlite: bool = False


def columns(model):
    return [field.column for field in model._meta.concrete_fields]


def differs(*names):
    return "(" + " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in names) + ")"


def rules():
    """Everything the database refuses, table by table."""
    return [
        *edition_rules(),
        *child_rules(),
        *reference_rules(),
        *append_only_rules(),
        *article_rules(),
        *office_rules(),
    ]


def edition_rules():
    """A sealed edition: its words never change, its row is never deleted, its instants move only in the open future."""
    erased = (
        "EXISTS (SELECT 1 FROM articles_erasure x WHERE x.edition_id = OLD.id"
        " OR (x.edition_id IS NULL AND x.article_id = OLD.article_id))"
    )
    given_on_sealing = ["content_hash", "text_hash", "salt", "published_by_id", "published_at"]
    moving = {"live_from", "live_until", "expires_at", "number", "sorted_at", "withheld", "translated_from_id"}
    dates = ["event_date", "dated"]
    erasable = [*ERASABLE, *dates]
    fixed = [name for name in columns(Edition) if name not in {*given_on_sealing, *moving, *erasable}]
    not_emptied = " OR ".join(
        f"(OLD.{name} IS DISTINCT FROM NEW.{name} AND NEW.{name} IS NOT NULL AND NEW.{name} <> '')" for name in ERASABLE
    )
    dates_changed = " OR ".join(f"({differs(name)} AND NEW.{name} IS NOT NULL)" for name in dates)
    sealed = "OLD.live_from IS NOT NULL"
    cancelling = "(NEW.live_from IS NULL AND OLD.live_from > " + HORIZON + ")"
    words = [name for name in erasable if name not in given_on_sealing]
    overlap = (
        "NEW.live_from IS NOT NULL AND EXISTS (SELECT 1 FROM articles_edition o WHERE o.article_id = NEW.article_id"
        " AND o.id <> NEW.id AND o.live_from IS NOT NULL AND (NEW.live_until IS NULL OR o.live_from < NEW.live_until)"
        " AND (o.live_until IS NULL OR o.live_until > NEW.live_from))"
    )
    clash = (
        "EXISTS (SELECT 1 FROM articles_edition o WHERE o.live_from IS NOT NULL AND {other}"
        "(o.id = NEW.id OR (o.article_id = NEW.article_id AND o.number = NEW.number)))"
    )
    closed = f"(NEW.live_from <= {HORIZON} OR NEW.live_until <= {HORIZON})"
    refuse = [
        ("UPDATE", "fixed", f"{sealed} AND {differs(*fixed)}", "its words are sealed"),
        ("UPDATE", "words", f"{sealed} AND {differs(*words)} AND NOT {erased}", "its words are sealed"),
        ("UPDATE", "emptied", f"{sealed} AND NOT {cancelling} AND ({not_emptied} OR {dates_changed})",
         "an erased edition can only be emptied"),
        ("UPDATE", "hashes", f"{sealed} AND {differs(*given_on_sealing)} AND NOT {cancelling} AND NOT ({erased}"
         f" AND NOT {differs('content_hash', 'published_by_id', 'published_at')})", "its hashes are sealed"),
        ("UPDATE", "start", f"{sealed} AND {differs('live_from')} AND (OLD.live_from <= {HORIZON} OR {closed})",
         "that time is closed"),
        ("UPDATE", "sealing", f"NOT ({sealed}) AND NEW.live_from IS NOT NULL AND {closed}", "that time is closed"),
        ("UPDATE", "end", f"{sealed} AND {differs('live_until')} AND (OLD.live_until <= {HORIZON}"
         f" OR NEW.live_until <= {HORIZON})", "that time is closed"),
        ("UPDATE", "expiry", f"{sealed} AND {differs('expires_at')} AND (OLD.expires_at <= {HORIZON}"
         f" OR NEW.expires_at <= {HORIZON})", "that time is closed"),
        ("UPDATE", "place_in_order", f"{sealed} AND {differs('number', 'sorted_at')} AND OLD.live_from <= {HORIZON}",
         "its number is sealed"),
        ("UPDATE", "withheld", "OLD.withheld AND NOT NEW.withheld", "what was withheld stays withheld"),
        ("INSERT", "closed", f"NEW.live_from IS NOT NULL AND {closed}", "that time is closed"),
        ("DELETE", "kept", sealed, "a sealed edition is never deleted"),
    ]  # fmt: skip
    if_sqlite = [
        ("INSERT", "overlap", overlap.replace("o.id <> NEW.id AND ", ""), "two editions of an article overlap"),
        ("UPDATE", "overlap", overlap, "two editions of an article overlap"),
        ("INSERT", "replace", clash.format(other=""), "a sealed edition is never replaced"),
        ("UPDATE", "replace", clash.format(other="o.id <> OLD.id AND "), "a sealed edition is never replaced"),
        *(
            (operation, f"{field}_text", f"NEW.{field} IS NOT NULL AND NEW.{field} NOT GLOB"
             " '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'", "that is no instant")
            for operation in ("INSERT", "UPDATE") for field in ("live_from", "live_until", "expires_at", "sorted_at")
        ),
    ]  # fmt: skip
    return [Rule(Edition, *row) for row in refuse] + [Rule(Edition, *row, only_sqlite=True) for row in if_sqlite]


def child_rules():
    """What bears words in a sealed edition, or is named by the chain: no insert, no update, no delete."""
    erased = (
        "EXISTS (SELECT 1 FROM articles_erasure x JOIN articles_edition e ON e.id = OLD.edition_id WHERE"
        " x.edition_id = e.id OR (x.edition_id IS NULL AND x.article_id = e.article_id))"
    )
    unclosed = f"EXISTS (SELECT 1 FROM articles_edition e WHERE e.id = OLD.edition_id AND e.live_from > {HORIZON})"
    merged = "EXISTS (SELECT 1 FROM people_person p WHERE p.id = OLD.speaker_id AND p.merged_into_id = NEW.speaker_id)"
    renamed = (
        "EXISTS (SELECT 1 FROM people_position p WHERE p.id = OLD.position_id AND p.merged_into_id = NEW.position_id)"
    )
    emptied_by_erasure = {
        QuoteText: [
            *("text", "source", "place", "speaker_uid", "speaker_name", "office", "position_uid"),
            *("speaker_id", "position_id"),
        ],
        Placement: ["alt", "caption", "credit"],
        Attachment: ["title", "file"],
    }
    found = []
    for model, erasable in emptied_by_erasure.items():
        old, new = SEALED.format(row="OLD"), SEALED.format(row="NEW")
        special = {"speaker_id", "sorted_at"} if model is QuoteText else set()
        moved = ("speaker_id", "position_id")
        fixed = [name for name in columns(model) if name not in {*erasable, *special}]
        filled = [
            f"({differs(name)} AND NEW.{name} IS NOT NULL"
            + (")" if name.endswith("_id") else f" AND NEW.{name} <> '')")
            for name in erasable
            if name not in moved
        ]
        message = "it is part of a sealed edition"
        found += [
            Rule(model, "INSERT", "sealed", new, message),
            Rule(model, "DELETE", "sealed", old, message),
            Rule(model, "UPDATE", "fixed", f"({old} OR {new}) AND {differs(*fixed)}", message),
            Rule(
                model, "UPDATE", "words",
                f"{old} AND {differs(*[name for name in erasable if name not in moved])} AND NOT {erased}", message,
            ),
            Rule(model, "UPDATE", "emptied", f"{old} AND ({' OR '.join(filled)})", message),
            Rule(model, "INSERT", "replace", f"EXISTS (SELECT 1 FROM {model._meta.db_table} o WHERE o.id = NEW.id AND "
                 + SEALED.format(row="o") + ")", message, only_sqlite=True),
        ]  # fmt: skip
    placed = (
        "EXISTS (SELECT 1 FROM articles_placement p JOIN articles_edition e ON e.id = p.edition_id"
        " WHERE p.image_id = OLD.id AND e.live_from IS NOT NULL{but})"
    )
    but_erased = (
        " AND NOT EXISTS (SELECT 1 FROM articles_erasure x WHERE x.edition_id = e.id"
        " OR (x.edition_id IS NULL AND x.article_id = e.article_id))"
    )
    files = f"{placed.format(but=but_erased)} AND {differs('file', 'width', 'height')}"
    cut = placed.replace("OLD.id", "{row}.image_id") + " AND {row}.shape <> 'square'"
    same = (
        "o.id = NEW.id OR o.file = NEW.file"
        " OR (o.image_id = NEW.image_id AND o.shape = NEW.shape AND o.width = NEW.width)"
    )
    found += [
        Rule(Rendition, "UPDATE", "kept", f"{placed.replace('OLD.id', 'OLD.image_id').format(but='')}"
             f" AND {differs(*columns(Rendition))}", "it is shown in a sealed edition"),
        Rule(Rendition, "DELETE", "kept", cut.format(row="OLD", but=but_erased), "it is shown in a sealed edition"),
        Rule(Rendition, "INSERT", "replace", f"EXISTS (SELECT 1 FROM articles_rendition o WHERE ({same}) AND "
             + cut.format(row="o", but="") + ")", "it is shown in a sealed edition", only_sqlite=True),
    ]  # fmt: skip
    found += [
        Rule(Image, "UPDATE", "identity", differs("id", "uid"), "a uid never changes"),
        Rule(Image, "UPDATE", "file", files, "it is shown in a sealed edition"),
    ]
    found += [
        Rule(QuoteText, "UPDATE", "speaker", f"{SEALED.format(row='OLD')} AND {differs('speaker_id')} AND NOT {merged}"
             f" AND NOT (NEW.speaker_id IS NULL AND {erased})", "a speaker of a sealed quote changes only by a merge"),
        Rule(QuoteText, "UPDATE", "position", f"{SEALED.format(row='OLD')} AND {differs('position_id')}"
             f" AND NOT {renamed} AND NOT (NEW.position_id IS NULL AND {erased})",
             "an office of a sealed quote changes only by a merge"),
        Rule(QuoteText, "UPDATE", "order", f"{SEALED.format(row='OLD')} AND {differs('sorted_at')} AND NOT {unclosed}",
             "it is part of a sealed edition"),
        Rule(QuoteText, "INSERT", "replace_key", "EXISTS (SELECT 1 FROM articles_quotetext o WHERE o.edition_id ="
             " NEW.edition_id AND o.quote_id = NEW.quote_id AND " + SEALED.format(row="o") + ")",
             "it is part of a sealed edition", only_sqlite=True),
    ]  # fmt: skip
    return found


def reference_rules():
    """`public_from` is a boundary like any other: it moves only in the open future, and what is public is kept."""
    found = []
    for model in REFERENCES:
        found += [
            Rule(model, "INSERT", "closed", f"NEW.public_from <= {HORIZON}", "that time is closed"),
            Rule(
                model, "UPDATE", "closed",
                f"{differs('public_from')} AND (OLD.public_from <= {HORIZON} OR NEW.public_from <= {HORIZON})",
                "that time is closed",
            ),
            Rule(model, "UPDATE", "uid", differs("id", "uid"), "a uid never changes"),
            Rule(model, "DELETE", "public", f"OLD.public_from <= {HORIZON}", "what is public is never deleted"),
            Rule(
                model, "INSERT", "replace",
                f"EXISTS (SELECT 1 FROM {model._meta.db_table} o WHERE (o.id = NEW.id OR o.uid = NEW.uid)"
                f" AND o.public_from <= {HORIZON})", "what is public is never replaced", only_sqlite=True,
            ),
        ]  # fmt: skip
    return found


def append_only_rules():
    """The ledger and its tombstones: written once. The state moves forward only."""
    found = []
    for model in (Change, Erasure, Ending, State):
        table, key = model._meta.db_table, model._meta.pk.column
        found += [
            Rule(model, "DELETE", "kept", "1 = 1", "the ledger is never deleted"),
            Rule(model, "INSERT", "replace", f"EXISTS (SELECT 1 FROM {table} o WHERE o.{key} = NEW.{key})",
                 "the ledger is never replaced", only_sqlite=True),
        ]  # fmt: skip
    for model in (Change, Erasure):
        found.append(Rule(model, "UPDATE", "kept", differs(*columns(model)), "the ledger never changes"))
    but_reason = [name for name in columns(Ending) if name != "reason"]
    erased = "EXISTS (SELECT 1 FROM articles_erasure x WHERE x.article_id = OLD.article_id AND x.edition_id IS NULL)"
    return [
        *found,
        Rule(Ending, "UPDATE", "kept", f"{differs(*but_reason)} OR ({differs('reason')}"
             f" AND NOT (NEW.reason = '' AND {erased}))",
             "the ledger never changes"),
        Rule(State, "UPDATE", "forward", "NEW.horizon < OLD.horizon OR NEW.seq < OLD.seq OR NEW.id <> OLD.id"
             " OR (NEW.seq = OLD.seq AND NEW.head <> OLD.head)", "the horizon never moves backwards"),
        *(
            Rule(model, operation, "closed", f"NEW.at <= {HORIZON}", "that time is closed")
            for model in (Ending, Erasure) for operation in ("INSERT",)
        ),
    ]  # fmt: skip


def article_rules():
    """Identities: a uid and a key are for ever; so is the language of what was published."""
    recorded = HAS_RECORD.format(row="OLD", key="id")
    return [
        Rule(Article, "UPDATE", "identity", f"{differs('id', 'uid')} OR ({differs('language')} AND {recorded})",
             "the identity of an article never changes"),
        Rule(Article, "DELETE", "kept", recorded, "a published article is never deleted"),
        Rule(Article, "INSERT", "replace", "EXISTS (SELECT 1 FROM articles_article o WHERE (o.id = NEW.id OR"
             f" o.uid = NEW.uid OR o.slug = NEW.slug) AND {HAS_RECORD.format(row='o', key='id')})",
             "a published article is never replaced", only_sqlite=True),
        Rule(Quote, "UPDATE", "identity", differs("id", "key", "article_id"), "the key of a quote never changes"),
        Rule(Quote, "DELETE", "kept", HAS_RECORD.format(row="OLD", key="article_id") + " AND EXISTS (SELECT 1 FROM"
             " articles_quotetext q JOIN articles_edition e ON e.id = q.edition_id WHERE q.quote_id = OLD.id AND"
             " e.live_from IS NOT NULL)", "a published quote is never deleted"),
        Rule(Quote, "INSERT", "replace", "EXISTS (SELECT 1 FROM articles_quote o JOIN articles_quotetext q"
             " ON q.quote_id = o.id"
             " WHERE (o.id = NEW.id OR o.key = NEW.key) AND " + SEALED.format(row="q") + ")",
             "a published quote is never replaced", only_sqlite=True),
    ]  # fmt: skip


def office_rules():
    """One known, non-acting holder at a time where a position has one holder."""
    overlap = (
        "NEW.since IS NOT NULL AND NOT NEW.acting AND EXISTS (SELECT 1 FROM people_appointment o JOIN people_position p"
        " ON p.id = o.position_id WHERE o.position_id = NEW.position_id AND p.single_holder AND NOT o.acting"
        " AND o.id <> NEW.id AND o.since IS NOT NULL AND (NEW.until IS NULL OR o.since < NEW.until)"
        " AND (o.until IS NULL OR o.until > NEW.since))"
    )
    message = "that office has one holder at a time"
    return [
        Rule(Appointment, "INSERT", "overlap", overlap, message),
        Rule(
            Appointment,
            "UPDATE",
            "overlap",
            f"{differs('since', 'until', 'position_id', 'acting')} AND {overlap}",
            message,
        ),
    ]


def amendments():
    """(model, SQL of the INSERT … SELECT for one changed row) for every table whose changes partners must hear of.

    What is public only later counts, too: its instant may pass before the transaction ends. The sweep drops what was
    not public at the horizon it starts from."""
    told = []
    for model in REFERENCES:
        name, seen = model._meta.model_name, "NEW.public_from IS NOT NULL AND OLD.public_from IS NOT NULL"
        ignored = {"id", "uid", "public_from", "public_by_hand", "sort_key", "proposed"}
        kept = [column for column in columns(model) if column not in ignored]
        address = next((column for column in ("path", "slug") if column in kept), None)
        kinds = "'amended'"
        if address:
            kinds = f"CASE WHEN {differs(address)} THEN 'renamed' ELSE 'amended' END"
        if "merged_into_id" in kept:
            merging = "NEW.merged_into_id IS NOT NULL AND OLD.merged_into_id IS NULL"
            kinds = f"CASE WHEN {merging} THEN 'merged' ELSE {kinds} END"
        told.append(
            (model, "UPDATE", "NEW", f"SELECT {kinds}, '{name}', NEW.uid, NULL WHERE {seen} AND {differs(*kept)}")
        )
    for model in (Mention, RelatedItem, Edition.topics.through):
        for operation, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            changed = f" AND {differs(*columns(model))}" if operation == "UPDATE" else ""
            told.append(
                (model, operation, row, "SELECT 'reclassified', 'article', a.uid, e.number FROM articles_edition e"
                 f" JOIN articles_article a ON a.id = e.article_id WHERE e.id = {row}.edition_id"
                 f" AND e.live_from IS NOT NULL AND NOT e.withheld{changed}")
            )  # fmt: skip
    live = f"e.live_from IS NOT NULL AND NOT e.withheld AND (e.live_until IS NULL OR e.live_until > {HORIZON})"
    around = "SELECT 'reclassified', 'article', a.uid, e.number FROM articles_edition e JOIN articles_article a"
    around += f" ON a.id = e.article_id WHERE {live}"
    erased = "EXISTS (SELECT 1 FROM articles_erasure x WHERE x.article_id = NEW.id AND x.edition_id IS NULL)"
    taken = f"(NEW.slug = NEW.uid AND {erased})"  # by the erasure; what is published after it has an address again
    # Neither its address nor what it translates is a word of it; the latter shows in the rest of its family, too.
    joined = differs("translation_of_id")
    family = " UNION ".join(
        f"SELECT id FROM articles_article WHERE {joined} AND {column} IN (OLD.translation_of_id, NEW.translation_of_id)"
        for column in ("id", "translation_of_id")
    )
    moved = f"({differs('slug')} AND NOT {taken}) OR {joined}"
    told.append((Article, "UPDATE", "NEW", f"{around} AND a.id IN (SELECT NEW.id UNION {family}) AND ({moved})"))
    for operation, row in (("INSERT", "NEW"), ("DELETE", "OLD")):
        quoting = f"SELECT q.edition_id FROM articles_quotetext q WHERE q.quote_id = {row}.quote_id"
        told.append((Quote.topics.through, operation, row, f"{around} AND e.id IN ({quoting})"))
    return told


BOUNDARIES = {
    Edition: ("live_from", "live_until", "expires_at", "withheld"),
    **dict.fromkeys(REFERENCES, ("public_from",)),
}


def statements(vendor):
    """{name: SQL} of every function and trigger, in the order in which they are created."""
    return postgresql() if vendor == "postgresql" else sqlite()


def sqlite():
    found = {}

    def trigger(model, timing, operation, name, when, action):
        full = f"record_{model._meta.db_table}_{operation.lower()}_{name}"
        found[full] = (
            f'CREATE TRIGGER "{full}" {timing} {operation} ON "{model._meta.db_table}" FOR EACH ROW'
            f" WHEN {when} BEGIN {action}; END"
        )

    for rule in rules():
        refusal = f"SELECT RAISE(ABORT, 'sealed: {rule.message}')"
        trigger(rule.model, "BEFORE", rule.operation, rule.name, rule.when, refusal)
    for model, operation, _row, select in amendments():
        action = f"INSERT INTO articles_amendment (kind, type, uid, edition) {select}"
        trigger(model, "AFTER", operation, "told", "1 = 1", action)
    for model, visible in PUBLIC.items():
        for operation, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
            when = " OR ".join(f"({visible.format(row=row)})" for row in rows)
            action = "UPDATE articles_stamp SET value = lower(hex(randomblob(16))) WHERE id = 1"
            trigger(model, "AFTER", operation, "stamp", when, action)
    return found


def postgresql():
    found = {}
    by_table = {}
    for rule in rules():
        if not rule.only_sqlite:
            by_table.setdefault(rule.model, {}).setdefault(rule.operation, []).append(rule)
    hold = "PERFORM 1 FROM articles_state WHERE id = 1 FOR NO KEY UPDATE;"
    edition_shared = "PERFORM 1 FROM articles_edition WHERE id = {row}.edition_id FOR SHARE;"
    for model, operations in by_table.items():
        for operation, refused in operations.items():
            table, lines = model._meta.db_table, []
            for boundary in BOUNDARIES.get(model, ()):
                test = {"INSERT": f"NEW.{boundary} IS NOT NULL", "UPDATE": differs(boundary)}.get(operation)
                if boundary == "withheld":
                    test = differs("withheld") if operation == "UPDATE" else None
                if boundary == "expires_at":  # of a draft it is a wish, not a boundary
                    test = test and f"NEW.live_from IS NOT NULL AND {test}"
                if test:
                    lines.append(f"IF {test} THEN {hold} END IF;")
            if model in (QuoteText, Placement, Attachment):
                lines.append(edition_shared.format(row="OLD" if operation == "DELETE" else "NEW"))
            if model is Appointment and operation != "DELETE":
                lines.append("PERFORM 1 FROM people_position WHERE id = NEW.position_id FOR NO KEY UPDATE;")
            lines += [
                f"IF {rule.when} THEN RAISE EXCEPTION 'sealed: {rule.message}'"
                " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
                for rule in refused
            ]
            result = "OLD" if operation == "DELETE" else "NEW"
            name = f"record_{table}_{operation.lower()}"
            found[f"{name}()"] = plpgsql(name, "\n".join([*lines, f"RETURN {result};"]))
            found[name] = f"CREATE TRIGGER {name} BEFORE {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    for model, operation, row, select in amendments():
        name = f"record_{model._meta.db_table}_{operation.lower()}_told"
        action = f"INSERT INTO articles_amendment (kind, type, uid, edition) {select}; RETURN NULL;"
        if model is Quote.topics.through:  # who files a quote holds its drafts: nobody publishes one meanwhile, unseen
            drafts = f"SELECT edition_id FROM articles_quotetext WHERE quote_id = {row}.quote_id"
            action = (
                f"PERFORM 1 FROM articles_edition WHERE id IN ({drafts}) AND live_from IS NULL FOR SHARE;\n{action}"
            )
        found[f"{name}()"] = plpgsql(name, action)
        found[name] = (
            f"CREATE TRIGGER {name} AFTER {operation} ON {model._meta.db_table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    for model, visible in PUBLIC.items():
        # The stamp is the last row a transaction locks (deferred to its commit), and only once: savers never deadlock.
        name = f"record_{model._meta.db_table}_stamp"
        renew = (
            "UPDATE articles_stamp SET value = gen_random_uuid()::text, renewed_by = txid_current()::text"
            " WHERE id = 1 AND renewed_by <> txid_current()::text;"
        )
        old, new = visible.format(row="OLD"), visible.format(row="NEW")
        found[f"{name}()"] = plpgsql(
            name,
            f"IF TG_OP <> 'DELETE' THEN IF {new} THEN {renew} RETURN NULL; END IF; END IF;\n"
            f"IF TG_OP <> 'INSERT' THEN IF {old} THEN {renew} END IF; END IF;\nRETURN NULL;",
        )
        found[name] = (
            f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {model._meta.db_table}"
            f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    refusal = (
        "RAISE EXCEPTION 'sealed: the record is never truncated' USING ERRCODE = 'integrity_constraint_violation';"
    )
    found["record_truncate()"] = plpgsql("record_truncate", refusal)
    kept = (
        *REFERENCES,
        Article,
        Edition,
        Quote,
        QuoteText,
        Placement,
        Attachment,
        Rendition,
        Change,
        Erasure,
        Ending,
        State,
        Stamp,
        Amendment,
    )
    for model in kept:
        name = f"record_{model._meta.db_table}_truncate"
        found[name] = (
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {model._meta.db_table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION record_truncate()"
        )
    return found


def plpgsql(name, lines):
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $record$\nBEGIN\n{lines}\nEND\n$record$"


def remove():
    """Drop every trigger and function of ours, or none. Only migrate and the tests' flush have a reason to."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                " WHERE n.nspname = current_schema() AND p.proname LIKE 'record\\_%'"
                " AND p.prorettype = 'trigger'::regtype"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP FUNCTION {connection.ops.quote_name(name)}() CASCADE")
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'record\\_%' ESCAPE '\\'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")


def install():
    """Put every trigger in place, anew."""
    with transaction.atomic():
        remove()
        with connection.cursor() as cursor:
            for sql in statements(connection.vendor).values():
                cursor.execute(sql)


def differences():
    """What of the seal is missing, altered, disabled or strange in this database: [] when all is as generated."""
    expected, found = {}, {}
    for name, sql in statements(connection.vendor).items():
        if connection.vendor != "postgresql":
            expected[name] = sql
        elif name.endswith("()"):
            expected[name] = re.search(r"\$record\$(.*)\$record\$", sql, re.S)[1]
        else:
            expected[name] = squeezed(sql)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT p.proname || '()', p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                " WHERE n.nspname = current_schema() AND p.proname LIKE 'record\\_%'"
            )
            found |= dict(cursor.fetchall())
            cursor.execute(
                "SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t"
                " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = current_schema() AND NOT t.tgisinternal"
            )
            found |= {name: squeezed(sql) if on == "O" else "disabled" for name, sql, on in cursor.fetchall()}
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found |= dict(cursor.fetchall())
    missing = [f"{name} is missing" for name in expected if name not in found]
    altered = [f"{name} is altered" for name in expected if name in found and found[name] != expected[name]]
    return [*missing, *altered, *(f"{name} is not ours" for name in found if name not in expected)]


def squeezed(sql):
    """A CREATE TRIGGER as PostgreSQL prints it back, without what it adds or reorders."""
    sql = re.sub(r"\b\w+\.(?=(?:articles|people|record)_)", "", sql.replace("NOT DEFERRABLE", ""))
    events = re.search(r"(?:BEFORE|AFTER) ([A-Z ]+?) ON", sql)[1]
    return " ".join(sql.replace(events, " OR ".join(sorted(events.split(" OR ")))).split())


def before_migrate(plan, **kwargs):
    """Tables may only be altered without triggers: SQLite's remake of a table drops or fails them silently."""
    if plan:
        remove()


def after_migrate(**kwargs):
    """The seal, the ledger's two rows, the roles and the pages beside the record stand after every migrate."""
    State.objects.get_or_create(id=1)
    Stamp.objects.get_or_create(id=1)
    if differences():
        install()
    establish_roles()
    establish_pages()
