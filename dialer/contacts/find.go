package contacts

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"cornetta/dialer/number"
)

// rank is how well a person fits what was typed.
type rank int

const (
	begins  rank = iota // each word begins one of the name
	company             // or one of the company, or a number
	within              // or stands inside one
	ranks
)

// maxQuery is how much of a text is searched for, and how many words.
const (
	maxQuery = 128
	maxWords = 8
)

// Find returns those who fit text best, limit of them at most: who have each of its
// words in their name or company, the order and accents being of no matter, and where
// one of the words is a number, who have that in one of theirs. Where text is nothing
// but a number they are those who have a number with these digits, then those whose
// name or company has them on a telephone's keys ("76774" is Rossi), for whom some room
// is left. Where one of several numbers fits it comes first. It is quick enough for each
// keystroke.
func (b *Book) Find(text string, limit int, rules number.Settings) (all []Person, err error) {
	if b == nil || limit <= 0 {
		return nil, nil
	}
	err = b.with(func(x *index) error {
		if x == nil {
			return nil
		}
		all, err = x.find(text, limit, rules)
		return err
	})
	return all, err
}

func (x *index) find(text string, limit int, rules number.Settings) ([]Person, error) {
	text = cutQuery(text)
	var found []int
	add := func(room int, q query) error {
		if len(found) >= room {
			return nil
		}
		more, err := x.search(q, room)
		for _, i := range more {
			if len(found) < room && !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
		return err
	}
	byNumber := 0 // of found: whom the digits of their number fit
	var ways []string
	var err error
	if digits := digitsOf(text); digits != "" {
		ways = waysTo(digits, rules)
		typed := keysOf(text)
		room := limit
		if typed != nil {
			room -= limit / 4
		}
		var all bool
		if found, all, err = x.byDigits(ways, room); !all {
			found = nil
			for _, d := range ways {
				if err == nil {
					err = add(room, query{part: partDigits, words: []string{d}})
				}
			}
		}
		byNumber = len(found)
		for _, words := range typed {
			if err == nil {
				err = add(limit, query{part: partKeypad, words: words})
			}
		}
	} else if words := queryWords(text); len(words) > 0 {
		err = add(limit, query{part: partWords, words: words})
		if letters, numbers := apart(words, rules); err == nil && len(letters) > 0 && len(numbers) > 0 {
			err = add(limit, query{part: partWords, words: letters, numbers: numbers})
			ways = slices.Concat(numbers...)
		}
		byNumber = len(found)
	}
	if err != nil || len(found) == 0 {
		return nil, err
	}
	ids, err := x.ids()
	if err != nil {
		return nil, err
	}
	people := make([]Person, 0, len(found))
	for n, i := range found {
		p, err := x.person(i, ids)
		if err != nil {
			return nil, err
		}
		p.ByKeys = n >= byNumber
		if len(ways) > 0 {
			first(p.Numbers, ways)
		}
		people = append(people, p)
	}
	return people, nil
}

// cutQuery is as much of a text as is searched for.
func cutQuery(text string) string {
	if len(text) > maxQuery {
		text = strings.ToValidUTF8(text[:maxQuery], "")
	}
	return text
}

func queryWords(text string) []string {
	words := strings.Fields(Fold(text))
	return words[:min(len(words), maxWords)]
}

// apart tells the words that may be of a name from those that are of a number, each in
// the ways in which that may stand in an index.
func apart(words []string, rules number.Settings) (letters []string, numbers [][]string) {
	for _, w := range words {
		if digitsOf(w) == w {
			numbers = append(numbers, waysTo(w, rules))
		} else {
			letters = append(letters, w)
		}
	}
	return letters, numbers
}

// keysOf are the words that digits may be on a telephone's keys, in each way to tell
// where one ends: at a space, or at a 0, which is the space there. Nobody types a
// single key for a word.
func keysOf(text string) (all [][]string) {
	add := func(words []string) {
		if len(words) > 0 && len(words) <= maxWords && !slices.ContainsFunc(words, func(w string) bool { return len(w) < 2 }) {
			all = append(all, words)
		}
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	add(words)
	if len(words) == 1 && strings.Contains(words[0], "0") {
		add(strings.Split(words[0], "0"))
	}
	return all
}

// first puts those in front that have one of the digits in them.
func first(all []Number, ways []string) {
	slices.SortStableFunc(all, func(a, b Number) int { return misses(a, ways) - misses(b, ways) })
}

func misses(n Number, ways []string) int {
	if slices.ContainsFunc(ways, func(w string) bool { return strings.Contains(n.Key.Digits(), w) }) {
		return 0
	}
	return 1
}

// digitsOf are the digits of a text that may become a number, "" for anything else.
func digitsOf(text string) string {
	var b []byte
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b = append(b, byte(r))
		case strings.ContainsRune(" +-/.()\u00a0", r):
		default:
			return ""
		}
	}
	return string(b)
}

// waysTo are the digits that may stand in an index for those at the beginning of a
// number: behind the outside line, what calls abroad, or a zero.
func waysTo(digits string, rules number.Settings) []string {
	ways := []string{digits}
	add := func(prefix string) {
		for _, w := range ways[:len(ways):len(ways)] {
			if rest, ok := strings.CutPrefix(w, prefix); ok && prefix != "" && len(rest) > 1 && !slices.Contains(ways, rest) {
				ways = append(ways, rest)
			}
		}
	}
	add(rules.Prefix)
	add("00")
	add("0")
	return ways
}

// enough is how many that fit are looked at: of a letter that is in every name not all
// can be ranked, and need not.
const enough = 1000

// sample is how much of an index tells what stands in it seldom.
const sample = 4 << 10

// query is what is searched for in one part of the index.
type query struct {
	part    int
	words   []string
	numbers [][]string // and each of these, in one of its ways, in a number
}

// byDigits finds the people who have a number with digits in it, in one of the ways that
// waysTo gives, those of the first way first: each is an end of what was typed, so that who
// has any of them has the shortest, and the index is gone through once. false where too
// many have it to look at all of them.
func (x *index) byDigits(ways []string, limit int) (found []int, all bool, err error) {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	needles := make([][]byte, len(ways))
	for i, w := range ways {
		needles[i] = []byte(w)
	}
	shortest := slices.MinFunc(needles, func(a, b []byte) int { return len(a) - len(b) })
	ranked := make([][]int, 2*len(ways))
	fitting := 0
	err = x.lines(partDigits, shortest, buf, func(line []byte, _, person int) (bool, error) {
		way := slices.IndexFunc(needles, func(w []byte) bool { return bytes.Contains(line, w) })
		if way *= 2; !beginsWord(line, needles[way/2]) {
			way++
		}
		if fitting++; len(ranked[way]) < limit {
			ranked[way] = append(ranked[way], person)
		}
		return fitting < enough, nil
	})
	found = slices.Concat(ranked...)
	return found[:min(len(found), limit)], fitting < enough, err
}

// search finds the people whose lines have all of the query, the best first.
func (x *index) search(q query, limit int) ([]int, error) {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	needles := make([][]byte, len(q.words))
	for i, w := range q.words {
		needles[i] = []byte(w)
	}
	if err := x.rarestFirst(q.part, needles, buf); err != nil {
		return nil, err
	}
	numbers := beside{x: x, part: partDigits}
	if len(q.numbers) > 0 {
		numbers.buf = buffers.Get().(*buffer)
		defer buffers.Put(numbers.buf)
	}
	// Where it begins a word it is worth more: where too many have it to look at all of
	// them, those in which it does are looked for first. Keys are a word from its
	// beginning: in the middle of one anything is.
	beginning := append([]byte{' '}, needles[0]...)
	pass := func(needle []byte) (found [ranks][]int, all bool, err error) {
		fitting := 0
		err = x.lines(q.part, needle, buf, func(line []byte, block, person int) (bool, error) {
			r, ok := fits(line, needles)
			if !ok || r == within && q.part == partKeypad {
				return true, nil
			}
			if len(q.numbers) > 0 {
				digits, err := numbers.line(block, person)
				if err != nil || !hasAll(digits, q.numbers) {
					return true, err
				}
			}
			if fitting++; len(found[r]) < limit {
				found[r] = append(found[r], person)
			}
			return len(found[begins]) < limit && fitting < enough, nil
		})
		return found, fitting < enough, err
	}
	if q.part == partKeypad {
		found, _, err := pass(beginning)
		return slices.Concat(found[:]...), err
	}
	found, all, err := pass(needles[0])
	if err != nil || all {
		return slices.Concat(found[:]...), err
	}
	first, _, err := pass(beginning)
	if err != nil || len(first[begins])+len(first[company]) >= limit {
		return slices.Concat(first[:]...), err
	}
	for r, more := range found {
		for _, person := range more {
			if !slices.Contains(first[r], person) {
				first[r] = append(first[r], person)
			}
		}
	}
	return slices.Concat(first[:]...), nil
}

// hasAll reports whether each of numbers is in digits in one of its ways.
func hasAll(digits []byte, numbers [][]string) bool {
	return !slices.ContainsFunc(numbers, func(ways []string) bool {
		return !slices.ContainsFunc(ways, func(w string) bool { return bytes.Contains(digits, []byte(w)) })
	})
}

// beside reads the lines that people have in another part than the one that is
// searched, where they are in the same order.
type beside struct {
	x    *index
	part int
	buf  *buffer

	lines  []byte // of a block, from that of person on
	block  int
	person int
}

func (b *beside) line(block, person int) (line []byte, err error) {
	if b.lines == nil || b.block != block || b.person > person {
		if b.lines, b.person, err = b.x.block(block, b.part, b.buf[:]); err != nil {
			return nil, err
		}
		b.block = block
	}
	for {
		end := bytes.IndexByte(b.lines, '\n')
		if end < 0 || b.person > person {
			return nil, ErrDamaged
		}
		if b.person == person {
			return b.lines[:end], nil
		}
		b.lines, b.person = b.lines[end+1:], b.person+1
	}
}

// needle is what is looked for in many lines. bytes.Index looks for the first byte of it,
// which in names and numbers stands nearly everywhere; this does for two bytes of it, which
// stand together seldom.
type needle struct {
	text []byte
	at   int // the place of the two in it
}

// needleFor is one for lines that are like those.
func needleFor(text, lines []byte) needle {
	n, least := needle{text: text}, len(lines)
	for at := range max(0, len(text)-1) {
		if many := bytes.Count(lines, text[at:at+2]); many < least {
			n.at, least = at, many
		}
	}
	return n
}

// index is where in s the text begins; -1 where it is not there.
func (n needle) index(s []byte) int {
	if len(n.text) < 2 {
		return bytes.Index(s, n.text)
	}
	const lows, highs = 0x0101010101010101, 0x8080808080808080
	first, second := uint64(n.text[n.at])*lows, uint64(n.text[n.at+1])*lows
	i := n.at
	for ; i+9 <= len(s); i += 8 {
		// A byte of it is 0 where both stand.
		apart := (binary.LittleEndian.Uint64(s[i:]) ^ first) | (binary.LittleEndian.Uint64(s[i+1:]) ^ second)
		for found := (apart - lows) &^ apart & highs; found != 0; found &= found - 1 {
			if at := i + bits.TrailingZeros64(found)/8 - n.at; bytes.HasPrefix(s[at:], n.text) {
				return at
			}
		}
	}
	if i = max(0, i-n.at); i >= len(s) {
		return -1
	}
	if at := bytes.Index(s[i:], n.text); at >= 0 {
		return i + at
	}
	return -1
}

// lines calls each with the lines of a part that have text in them, the block that
// they are in and whose they are, until it returns false or an error.
func (x *index) lines(part int, text []byte, buf *buffer, each func(line []byte, block, person int) (bool, error)) error {
	var n needle
	for i := range int(x.length[partBlocks] / blockLen) {
		lines, person, err := x.block(i, part, buf[:])
		if err != nil {
			return err
		}
		if i == 0 {
			n = needleFor(text, lines[:min(len(lines), sample)])
		}
		for {
			at := n.index(lines)
			if at < 0 {
				break
			}
			start := bytes.LastIndexByte(lines[:at], '\n') + 1
			end := at + bytes.IndexByte(lines[at:], '\n') // a block ends with one
			person += bytes.Count(lines[:start], []byte{'\n'})
			if person >= x.people {
				return ErrDamaged
			}
			if on, err := each(lines[start:end], i, person); !on || err != nil {
				return err
			}
			person++
			lines = lines[end+1:]
		}
	}
	return nil
}

// rarestFirst puts that of the words in front that the fewest have, as far as a piece
// from the middle tells: only where it stands the others are looked for.
func (x *index) rarestFirst(part int, words [][]byte, buf *buffer) error {
	many := int(x.length[partBlocks] / blockLen)
	if len(words) < 2 || many == 0 {
		return nil
	}
	lines, _, err := x.block(many/2, part, buf[:])
	slices.SortStableFunc(words, func(a, b []byte) int {
		return cmp.Or(bytes.Count(lines, a)-bytes.Count(lines, b), len(b)-len(a))
	})
	return err
}

// fits says how well a line fits words, and whether it does.
func fits(line []byte, words [][]byte) (rank, bool) {
	name := line // and all of a line that has but one part
	if i := bytes.IndexByte(line, '\t'); i >= 0 {
		name = line[:i]
	}
	worst := begins
	for _, w := range words {
		r := within
		switch {
		case beginsWord(name, w):
			r = begins
		case beginsWord(line[len(name):], w):
			r = company
		case !bytes.Contains(line, w):
			return 0, false
		}
		worst = max(worst, r)
	}
	return worst, true
}

// beginsWord reports whether one of the words in text, each behind a space, begins with w.
func beginsWord(text, w []byte) bool {
	for {
		i := bytes.Index(text, w)
		if i < 0 {
			return false
		}
		if w[0] == ' ' || i > 0 && text[i-1] == ' ' {
			return true
		}
		text = text[i+1:]
	}
}

// Match is how what is typed fits somebody who is not in the index.
type Match int

const (
	NoMatch     Match = iota
	MatchByKeys       // it is their name on a telephone's keys
	MatchWell
)

// Matches says how text, as Find takes it, fits somebody of that name and company, and
// with that number.
func Matches(text, name, company string, key number.Key, rules number.Settings) Match {
	text = cutQuery(text)
	folded := appendWords(nil, name)
	if company != "" {
		folded = appendWords(folded, company)
	}
	if digits := digitsOf(text); digits != "" {
		if hasAll([]byte(key.Digits()), [][]string{waysTo(digits, rules)}) {
			return MatchWell
		}
		keys := appendKeypad(nil, folded)
		if slices.ContainsFunc(keysOf(text), func(words []string) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return !beginsWord(keys, []byte(w)) })
		}) {
			return MatchByKeys
		}
		return NoMatch
	}
	words := queryWords(text)
	missing := func(w string) bool {
		return !bytes.Contains(folded, []byte(w)) &&
			(digitsOf(w) != w || !hasAll([]byte(key.Digits()), [][]string{waysTo(w, rules)}))
	}
	if len(words) == 0 || slices.ContainsFunc(words, missing) || !slices.ContainsFunc(words, func(w string) bool { return digitsOf(w) != w }) {
		return NoMatch
	}
	return MatchWell
}
