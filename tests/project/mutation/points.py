"""Finds the places of a C++ file where one small change makes a mutant, and writes the file with all
mutants in it, each of which a number in the environment turns on."""

import glob
import os
import re
import sys

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian installs it, whichever python3 runs
try:
    from clang import cindex
except ImportError:
    print("skipped: the mutation test needs libclang for Python: apt install python3-clang-14")
    raise SystemExit(77)
from clang.cindex import CursorKind as Kind, TypeKind

LLVM = "/usr/lib/llvm-14/lib"  # libclang and the headers of its compiler
IDS_PER_FILE = 2000

SWAPS = {"+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "&": ["|"], "|": ["&"],
         "&&": ["||"], "||": ["&&"], "==": ["!="], "!=": ["=="], "<": ["<=", ">="],
         "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"]}
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
ASSIGNMENTS = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|="}
LITERALS = {"0": "1", "1": "0", "0.0": "1.0", "1.0": "0.0", "1u": "0u", "true": "false",
            "false": "true"}
EMPTY_RESULTS = {"{}", "0", "0.0", "false", "nullptr"}
INTEGERS = {TypeKind.INT, TypeKind.UINT, TypeKind.LONG, TypeKind.ULONG, TypeKind.LONGLONG,
            TypeKind.ULONGLONG, TypeKind.USHORT, TypeKind.SHORT}


class Mutant:
    """One change of one place. `line` is where the place is in the source as it is."""

    def __init__(self, file, number, line, line_text, original, mutated):
        self.file, self.number, self.line, self.line_text = file, number, line, line_text
        self.change = f"{shortened(original)} -> {shortened(mutated)}"

    def __str__(self):
        return f"{self.file}:{self.line}: {self.change}"


class Place:
    """A stretch of the source and its mutants: (id, text). `form` says how they are written."""

    def __init__(self, start, end, form, variants):
        self.start, self.end, self.form, self.variants = start, end, form, variants
        self.inner = []


def shortened(text):
    text = " ".join(text.split())
    return text if len(text) <= 90 else text[:87] + "..."


class Finder:
    """All places of one file, by traversing its syntax tree."""

    def __init__(self, root, file, base, arguments):
        self.root, self.file, self.next, self.arguments = root, file, base + 1, arguments
        with open(os.path.join(root, file), "rb") as stream:
            self.source = stream.read()
        self.unit = None
        self.places, self.mutants, self.dropped = {}, {}, set()
        unit = self.parse(None)
        for child in unit.cursor.get_children():
            if child.location.file and child.location.file.name == self.path():
                self.declaration(child)

    def path(self):
        return os.path.join(self.root, self.file)

    def parse(self, text):
        """Parses the file, or this text in its place; the headers are read once."""
        unsaved = [(self.path(), text)] if text is not None else []
        if self.unit is None:
            options = cindex.TranslationUnit.PARSE_PRECOMPILED_PREAMBLE | 0x100  # at the first parse
            self.unit = cindex.Index.create().parse(self.path(), self.arguments, unsaved, options)
        else:
            self.unit.reparse(unsaved)
        return self.unit

    # ---- Text -----------------------------------------------------------------------------------

    def text(self, start, end):
        return self.source[start:end].decode()

    def text_of(self, cursor):
        return self.text(cursor.extent.start.offset, cursor.extent.end.offset)

    def add(self, cursor, form, texts, end=None):
        start, end = cursor.extent.start.offset, end or cursor.extent.end.offset
        if start >= end or cursor.extent.start.file.name != self.path():
            return
        original = self.text(start, end)
        if original.startswith("#") or re.match(r"[A-Z_]+\(", original):
            return  # from a macro
        if (start, end, form) in self.places:
            return
        begin = self.source.rfind(b"\n", 0, start) + 1
        line = self.source.count(b"\n", 0, start) + 1
        line_text = self.source[begin:].split(b"\n", 1)[0].decode()
        line_text = re.sub(r"\s//.*", "", line_text).strip()
        variants = []
        for text in texts:
            self.mutants[self.next] = Mutant(self.file, self.next, line, line_text, original,
                                             text or "nothing")
            variants.append((self.next, text))
            self.next += 1
        self.places[start, end, form] = Place(start, end, form, variants)

    # ---- Declarations ---------------------------------------------------------------------------

    def declaration(self, cursor):
        """Looks for functions with bodies; everything else of a declaration stays."""
        kind = cursor.kind
        if kind in (Kind.NAMESPACE, Kind.CLASS_DECL, Kind.STRUCT_DECL, Kind.CLASS_TEMPLATE,
                    Kind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION, Kind.LINKAGE_SPEC,
                    Kind.UNEXPOSED_DECL, Kind.FRIEND_DECL):
            for child in cursor.get_children():
                self.declaration(child)
        elif kind in (Kind.FUNCTION_DECL, Kind.CXX_METHOD, Kind.FUNCTION_TEMPLATE,
                      Kind.CONSTRUCTOR, Kind.DESTRUCTOR, Kind.CONVERSION_FUNCTION):
            self.function(cursor)

    def function(self, cursor):
        children = list(cursor.get_children())
        bodies = [c for c in children if c.kind == Kind.COMPOUND_STMT]
        if not bodies or "consteval" in self.text(cursor.extent.start.offset,
                                                  bodies[0].extent.start.offset):
            return
        result = cursor.result_type.spelling
        returns = bool(result) and "auto" not in result and "&" not in result and \
            result != "void" and cursor.kind != Kind.CONSTRUCTOR
        for child in children:
            if child.kind.is_expression() and cursor.kind == Kind.CONSTRUCTOR:
                self.expression(child)
        self.statement(bodies[0], returns)

    # ---- Statements -----------------------------------------------------------------------------

    def statement(self, cursor, returns):
        kind, children = cursor.kind, list(cursor.get_children())
        bare = unwrapped(cursor)
        if kind == Kind.COMPOUND_STMT:
            for child in children:
                self.statement(child, returns)
        elif kind == Kind.DECL_STMT:
            for child in children:
                if child.kind == Kind.VAR_DECL:
                    self.variable(child)
        elif kind == Kind.IF_STMT:
            self.if_statement(cursor, children, returns)
        elif kind in (Kind.WHILE_STMT, Kind.DO_STMT):
            condition, body = children if kind == Kind.WHILE_STMT else reversed(children)
            self.condition(condition)
            self.statement(body, returns)
        elif kind == Kind.FOR_STMT:
            for child in children[:-1]:
                if child.kind == Kind.DECL_STMT:
                    self.statement(child, returns)
                else:
                    self.expression(child)
            self.statement(children[-1], returns)
        elif kind == Kind.CXX_FOR_RANGE_STMT:
            for child in children[:-1]:
                if child.kind.is_expression():
                    self.expression(child)
            self.statement(children[-1], returns)
        elif kind in (Kind.SWITCH_STMT, Kind.CASE_STMT, Kind.DEFAULT_STMT):
            if kind == Kind.SWITCH_STMT:
                self.expression(children[0])
            self.statement(children[-1], returns)
        elif kind == Kind.RETURN_STMT:
            self.return_statement(cursor, children, returns)
        elif kind in (Kind.CXX_TRY_STMT, Kind.CXX_CATCH_STMT):
            for child in children:
                self.statement(child, returns)
        elif kind in (Kind.CONTINUE_STMT, Kind.BREAK_STMT):
            self.add(cursor, "statement", [""])
        elif bare.kind.is_expression() or kind == Kind.UNEXPOSED_STMT:
            self.expression_statement(cursor, bare)

    def if_statement(self, cursor, children, returns):
        head = self.text(cursor.extent.start.offset, children[0].extent.start.offset)
        last = children[-1]
        before = self.text(children[-2].extent.end.offset, last.extent.start.offset)
        has_else = re.search(r"\belse\b", before) is not None
        count = 2 if has_else else 1
        rest, bodies = children[:-count], children[-count:]
        if "constexpr" not in head and rest:
            for child in rest[:-1]:
                self.statement(child, returns)
            if rest[-1].kind.is_expression():
                self.condition(rest[-1])
        for body in bodies:
            self.statement(body, returns)

    def variable(self, cursor):
        start, end = cursor.extent.start.offset, cursor.extent.end.offset
        name = cursor.location.offset + len(cursor.spelling.encode())
        if re.search(r"\b(constexpr|constinit)\b", self.text(start, max(start, name))):
            return
        while self.source[name:name + 1] == b"[":
            name = self.source.find(b"]", name) + 1
        for child in cursor.get_children():
            if child.kind.is_expression() and name <= child.extent.start.offset < end:
                self.expression(child)

    def return_statement(self, cursor, children, returns):
        if not children:
            self.add(cursor, "statement", [""])
            return
        if returns and self.text_of(children[0]).strip() not in EMPTY_RESULTS:
            self.add(cursor, "statement", ["return {}"])
        self.expression(children[0])

    def expression_statement(self, cursor, bare):
        text = self.text_of(cursor)
        changes = []
        if bare.kind in (Kind.CALL_EXPR, Kind.COMPOUND_ASSIGNMENT_OPERATOR, Kind.CXX_THROW_EXPR,
                         Kind.CXX_DELETE_EXPR, Kind.UNARY_OPERATOR, Kind.BINARY_OPERATOR):
            if not re.search(r"[.>]reserve\(", text):  # which only saves time
                changes.append("")
        sides = self.sides(bare)
        if sides and sides[1] in ASSIGNMENTS:
            left, _, right = sides
            changes.append(f"{self.text_of(left)} {ASSIGNMENTS[sides[1]]} {self.text_of(right)}")
        if changes:
            self.add(cursor, "statement", changes)
        self.expression(cursor)

    # ---- Expressions ----------------------------------------------------------------------------

    def condition(self, cursor):
        """The condition of a branch: its negation, unless a change of its operator is one."""
        bare = unwrapped(cursor)
        sides = self.sides(bare)
        is_not = bare.kind == Kind.UNARY_OPERATOR and self.text_of(bare).startswith("!")
        if not (sides and sides[1] in COMPARISONS) and not is_not:
            self.add(cursor, "condition", [f"!({self.text_of(cursor)})"])
        self.expression(cursor)

    def sides(self, cursor):
        """Left, operator, right of a binary operation, or nothing."""
        children = list(cursor.get_children())
        if cursor.kind in (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR):
            if len(children) != 2:
                return None
            left, right = children
        elif cursor.kind == Kind.CALL_EXPR and len(children) == 3:
            left, _, right = children
        else:
            return None
        start, end = left.extent.end.offset, right.extent.start.offset
        operator = re.sub(r"//[^\n]*", "", self.text(start, end)).strip() if start < end else ""
        known = operator in SWAPS or operator in ASSIGNMENTS
        whole = (left.extent.start.offset == cursor.extent.start.offset and
                 right.extent.end.offset == cursor.extent.end.offset)
        return (left, operator, right) if known and whole else None

    def expression(self, cursor):
        kind, children = cursor.kind, list(cursor.get_children())
        if kind == Kind.LAMBDA_EXPR:
            for child in children:
                if child.kind == Kind.COMPOUND_STMT:
                    self.statement(child, False)
            return
        if kind in (Kind.DECL_REF_EXPR, Kind.CXX_UNARY_EXPR) or kind.is_reference() or \
                kind == Kind.SIZE_OF_PACK_EXPR:
            return  # template arguments; sizeof
        text = self.text_of(cursor)
        sides = self.sides(cursor)
        if sides and sides[1] in SWAPS:
            left, operator, right = sides
            if not (operator == "+" and "string" in cursor.type.spelling):
                self.add(cursor, "expression", [f"{self.text_of(left)} {other} {self.text_of(right)}"
                                                for other in SWAPS[operator]])
        elif kind == Kind.UNARY_OPERATOR and re.match(r"[-!]\s*[^-]", text) and len(children) == 1:
            self.add(cursor, "expression", [text[1:].strip()])
        elif kind == Kind.CALL_EXPR and text.startswith("-") and cursor.spelling == "operator-":
            self.add(cursor, "expression", [text[1:].strip()])
        elif kind in (Kind.INTEGER_LITERAL, Kind.FLOATING_LITERAL, Kind.CXX_BOOL_LITERAL_EXPR):
            if text in LITERALS:
                self.add(cursor, "expression", [LITERALS[text]])
        elif kind == Kind.CONDITIONAL_OPERATOR and len(children) == 3:
            self.condition(children[0])
            children = children[1:]
        elif kind in (Kind.ARRAY_SUBSCRIPT_EXPR, Kind.INIT_LIST_EXPR) or \
                (kind == Kind.CALL_EXPR and cursor.spelling == "operator[]"):
            for child in children if kind == Kind.INIT_LIST_EXPR else children[1:]:
                self.index_zero(unwrapped(child))
        if kind == Kind.MEMBER_REF_EXPR:  # not into the template arguments of the member
            children = [c for c in children if c.extent.start.offset == cursor.extent.start.offset]
        for child in children:
            if child.kind.is_statement():
                self.statement(child, False)
            else:
                self.expression(child)

    def index_zero(self, cursor):
        if cursor.kind == Kind.DECL_REF_EXPR and \
                cursor.type.get_canonical().kind in INTEGERS and \
                re.fullmatch(r"[a-z]\w*", self.text_of(cursor)):
            self.add(cursor, "index", ["0"])

    # ---- The file with its mutants --------------------------------------------------------------

    def instrumented(self):
        """The text, and a list of (first line, last line, mutants) of it for reading errors."""
        top = Place(0, len(self.source), "top", [])
        order = {"statement": 0, "condition": 1, "expression": 2, "index": 3}
        stack = [top]
        for place in sorted(self.places.values(), key=lambda p: (p.start, -p.end, order[p.form])):
            while stack[-1].end < place.end or stack[-1].end <= place.start:
                stack.pop()
            place.inner = []
            stack[-1].inner.append(place)
            stack.append(place)
        out = Output(self.dropped)
        out.inner(self, top)
        return "".join(out.parts), out.lines

    def drop_invalid(self):
        """Drops the mutants that clang refuses, by the lines of its errors."""
        for _ in range(12):
            text, lines = self.instrumented()
            unit = self.parse(text)
            bad = set()
            for diagnostic in unit.diagnostics:
                place = diagnostic.location
                if diagnostic.severity >= 3 and place.file and place.file.name == self.path():
                    bad |= mutants_at(lines, place.line)
            if not bad:
                return
            self.dropped |= bad


def mutants_at(lines, line):
    """The mutants whose text is on a line, or, where there are none, those closest around it."""
    around = [(last - first, ids) for first, last, ids in lines if first <= line <= last]
    return set(min(around, key=lambda a: a[0])[1]) if around else set()


class Output:
    """Writes each mutant's text on lines of its own, so that an error's line says whose it is."""

    def __init__(self, dropped):
        self.dropped, self.parts, self.lines, self.line = dropped, [], [], 1

    def write(self, text):
        self.parts.append(text)
        self.line += text.count("\n")

    def mutant(self, text, number):
        first = self.line
        self.write(text)
        self.lines.append((first, self.line, [number]))

    def inner(self, finder, place):
        at = place.start
        for child in place.inner:
            self.write(finder.text(at, child.start))
            self.place(finder, child)
            at = child.end
        self.write(finder.text(at, place.end))

    def place(self, finder, place):
        variants = [(i, text) for i, text in place.variants if i not in self.dropped]
        first = self.line
        if not variants:
            self.inner(finder, place)
        elif place.form == "statement":
            for number, text in variants:
                self.mutant(f"if (chainrule_mutant({number})) {{\n{text};\n}} else ", number)
            self.inner(finder, place)
        elif place.form == "condition":
            self.mutant(f"(chainrule_mutant({variants[0][0]}) != static_cast<bool>(\n",
                        variants[0][0])
            self.inner(finder, place)
            self.write("))")
        else:
            self.write("(")
            for number, text in variants:
                if place.form == "index":
                    name = finder.text(place.start, place.end)
                    text = f"static_cast<decltype({name} + 0)>(0)"
                elif finder.text(place.start, place.end).startswith("!"):
                    text = f"static_cast<bool>({text})"  # !x is a bool, x may be an optional
                self.mutant(f"\nchainrule_mutant({number}) ?\n({text}) :\n", number)
            self.write("(")
            self.inner(finder, place)
            self.write("))")
        if variants:
            self.lines.append((first, self.line, [i for i, _ in variants]))


def unwrapped(cursor):
    """The cursor without implicit conversions and temporaries around it, which libclang does not
    name."""
    while cursor.kind in (Kind.UNEXPOSED_EXPR, Kind.UNEXPOSED_STMT):
        children = list(cursor.get_children())
        if len(children) != 1 or children[0].extent.start.offset != cursor.extent.start.offset or \
                children[0].extent.end.offset != cursor.extent.end.offset:
            break
        cursor = children[0]
    return cursor


def parse_arguments(root):
    """Arguments for libclang, the same for every file."""
    headers = glob.glob(os.path.join(LLVM, "clang/*"))
    return ["-x", "c++", "-std=c++20", f"-I{root}", *(f"-resource-dir={h}" for h in headers[:1]),
            "-w", "-include", os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                           "chainrule_mutant.hpp")]


if os.path.exists(os.path.join(LLVM, "libclang.so.1")):
    cindex.Config.set_library_file(os.path.join(LLVM, "libclang.so.1"))
