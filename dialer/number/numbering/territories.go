package numbering

import (
	_ "embed"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// The territories, each a line "@REGION CODE" and below it what is known, a
// line for each thing, its words separated by tabs:
//
//	abroad     what is dialled in front of a calling code, a pattern
//	trunk      the digit in front of a number at home
//	zero       numbers begin with a zero that belongs to them
//	begins     the beginnings of its numbers, where others share its code
//	strip      what may stand in front at home, a pattern, and what becomes of it
//	general    lengths, lengths at home only, and the pattern of all numbers
//	premium    lengths and pattern of what is dear; no lengths: those of general
//	costly     the same for numbers whose cost is shared, and for personal ones
//	mailbox    the same for numbers that only record
//	kind       the same for every other kind of number
//	form       pattern, beginning and template of the number as dialled at home,
//	           a space between the groups that people write; "optional" where it
//	           is dialled with the trunk digit or without
//	help       the pattern of emergency numbers
//	helpexact  the same where digits behind it make it another number
//	short      lengths and pattern of short numbers
//	shortpremium, shortfree, shortcarrier  the same for those that are dear, those
//	           that cost no more than others, and those of one operator
//
// Territories that share a calling code stand together, the main one first.
//
//go:embed territories.txt
var text string

// territory is one of them. What is below its line is read when it is first
// asked for.
type territory struct {
	region string // "001" where the code is no country's
	code   int
	lines  string

	once sync.Once
	*plan
}

// plan is what a territory's lines say.
type plan struct {
	abroad    pattern
	trunk     string
	zero      bool
	begins    pattern
	strip     pattern
	transform string
	general   kind
	local     lengths
	premium   kind
	costly    []*kind
	mailbox   kind
	kinds     []*kind
	forms     []*form
	help      pattern
	helpExact bool
	short     kind
	shortDear kind
	shortFree []*kind
	shortOwn  kind // of one operator
}

// kind is a kind of number.
type kind struct {
	lengths lengths // none: not looked at
	pattern pattern
}

// form is how some numbers are dialled at home.
type form struct {
	pattern  pattern
	begins   pattern
	template string
	optional bool
}

// world is the index of the territories.
type world struct {
	regions map[string]*territory
	codes   map[int][]*territory // the main one first
}

// theWorld is made when the first number is looked at.
var theWorld = sync.OnceValue(func() *world {
	w := &world{regions: make(map[string]*territory), codes: make(map[int][]*territory)}
	for rest := text; rest != ""; {
		head, body, _ := strings.Cut(strings.TrimPrefix(rest, "@"), "\n")
		t := &territory{lines: body}
		if next := strings.Index(body, "@"); next >= 0 {
			t.lines, rest = body[:next], body[next:]
		} else {
			rest = ""
		}
		region, code, _ := strings.Cut(head, " ")
		t.region = region
		t.code, _ = strconv.Atoi(code)
		w.codes[t.code] = append(w.codes[t.code], t)
		if region != "001" {
			w.regions[region] = t
		}
	}
	return w
})

// known reads t's lines, once.
func (t *territory) known() *territory {
	if t != nil {
		t.once.Do(func() { t.plan = readPlan(t.lines) })
	}
	return t
}

func readPlan(lines string) *plan {
	p := new(plan)
	for line := range strings.Lines(lines) {
		key, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		one, rest, _ := strings.Cut(rest, "\t")
		two, three, _ := strings.Cut(rest, "\t")
		switch key {
		case "abroad":
			p.abroad.source = one
		case "trunk":
			p.trunk = one
		case "zero":
			p.zero = true
		case "begins":
			p.begins.source = one
		case "strip":
			p.strip.source, p.transform = one, two
		case "general":
			p.general.lengths, p.local, p.general.pattern.source = lengthsOf(one), lengthsOf(two), three
		case "premium":
			p.premium.lengths, p.premium.pattern.source = lengthsOf(one), two
		case "costly":
			p.costly = append(p.costly, &kind{lengths: lengthsOf(one), pattern: pattern{source: two}})
		case "mailbox":
			p.mailbox.lengths, p.mailbox.pattern.source = lengthsOf(one), two
		case "kind":
			p.kinds = append(p.kinds, &kind{lengths: lengthsOf(one), pattern: pattern{source: two}})
		case "form":
			template, optional, _ := strings.Cut(three, "\t")
			p.forms = append(p.forms, &form{
				pattern: pattern{source: one}, begins: pattern{source: two}, template: template, optional: optional != "",
			})
		case "help":
			p.help.source = one
		case "helpexact":
			p.help.source, p.helpExact = one, true
		case "short":
			p.short.lengths, p.short.pattern.source = lengthsOf(one), two
		case "shortpremium":
			p.shortDear.lengths, p.shortDear.pattern.source = lengthsOf(one), two
		case "shortfree":
			p.shortFree = append(p.shortFree, &kind{lengths: lengthsOf(one), pattern: pattern{source: two}})
		case "shortcarrier":
			p.shortOwn.lengths, p.shortOwn.pattern.source = lengthsOf(one), two
		}
	}
	return p
}

func (k *kind) has(national string) bool {
	return k.pattern.source != "" &&
		(k.lengths == 0 || k.lengths.has(len(national))) && k.pattern.whole(national)
}

// lengths is a set of numbers of digits.
type lengths uint32

func lengthsOf(list string) lengths {
	var set lengths
	for s := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(s); err == nil {
			set |= 1 << n
		}
	}
	return set
}

func (l lengths) has(n int) bool { return n < 32 && l&(1<<n) != 0 }
func (l lengths) shortest() int  { return bits.TrailingZeros32(uint32(l)) }
func (l lengths) longest() int   { return bits.Len32(uint32(l)) - 1 }

// pattern is a regular expression, compiled where it is needed. The two forms
// are two programs: which alternative is found first is another question than
// whether one fits.
type pattern struct {
	source       string
	onWhole      sync.Once
	onFront      sync.Once
	anchored, at *regexp.Regexp
}

// whole reports whether all of s fits.
func (p *pattern) whole(s string) bool {
	p.onWhole.Do(func() { p.anchored = regexp.MustCompile("^(?:" + p.source + ")$") })
	return p.anchored.MatchString(s)
}

// front finds what the beginning of s fits.
func (p *pattern) front() *regexp.Regexp {
	p.onFront.Do(func() { p.at = regexp.MustCompile("^(?:" + p.source + ")") })
	return p.at
}
