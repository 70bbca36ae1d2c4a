package contacts

import (
	"bytes"
	"cmp"
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
// words in their name or company, the order and accents being of no matter; or, where
// text is a number, who have a number with these digits, then whose name has them on a
// telephone's keys ("76774" is Rossi). Where one of several numbers fits it comes first.
// It is quick enough for each keystroke.
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
	if len(text) > maxQuery {
		text = strings.ToValidUTF8(text[:maxQuery], "")
	}
	var found []int
	add := func(part int, words ...string) error {
		if len(found) >= limit {
			return nil
		}
		more, err := x.search(part, words, limit)
		for _, i := range more {
			if len(found) < limit && !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
		return err
	}
	digits := digitsOf(text)
	var err error
	if digits != "" {
		for _, d := range waysTo(digits, rules) {
			if err == nil {
				err = add(partDigits, d)
			}
		}
		if err == nil && len(digits) > 1 {
			err = add(partKeypad, digits)
		}
	} else if words := strings.Fields(Fold(text)); len(words) > 0 {
		err = add(partWords, words[:min(len(words), maxWords)]...)
	}
	if err != nil || len(found) == 0 {
		return nil, err
	}
	ids, err := x.ids()
	if err != nil {
		return nil, err
	}
	people := make([]Person, 0, len(found))
	for _, i := range found {
		p, err := x.person(i, ids)
		if err != nil {
			return nil, err
		}
		if digits != "" {
			first(p.Numbers, waysTo(digits, rules))
		}
		people = append(people, p)
	}
	return people, nil
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

// search finds the lines of a part that have all the words, the best first.
func (x *index) search(part int, words []string, limit int) ([]int, error) {
	buf := buffers.Get().(*[blockSize + maxLine]byte)
	defer buffers.Put(buf)
	needles := make([][]byte, len(words))
	for i, w := range words {
		needles[i] = []byte(w)
	}
	if err := x.rarestFirst(part, needles, buf); err != nil {
		return nil, err
	}
	var found [ranks][]int
	// Where it begins a word it is worth more, and there are fewer of these.
	for _, needle := range [][]byte{append([]byte{' '}, needles[0]...), needles[0]} {
		fitting := 0
		err := x.lines(part, needle, buf, func(line []byte, person int) bool {
			r, ok := fits(line, needles)
			if !ok {
				return true
			}
			if fitting++; len(found[r]) < limit && !slices.Contains(found[r], person) {
				found[r] = append(found[r], person)
			}
			return len(found[begins]) < limit && fitting < enough
		})
		if err != nil {
			return nil, err
		}
		if len(found[begins])+len(found[company]) >= limit {
			break
		}
	}
	return slices.Concat(found[:]...), nil
}

// lines calls each with the lines of a part that have needle in them, and whose they
// are, until it returns false.
func (x *index) lines(part int, needle []byte, buf *[blockSize + maxLine]byte, each func(line []byte, person int) bool) error {
	for i := range int(x.length[partBlocks] / blockLen) {
		lines, person, err := x.block(i, part, buf[:])
		if err != nil {
			return err
		}
		for {
			at := bytes.Index(lines, needle)
			if at < 0 {
				break
			}
			start := bytes.LastIndexByte(lines[:at], '\n') + 1
			end := at + bytes.IndexByte(lines[at:], '\n') // a block ends with one
			person += bytes.Count(lines[:start], []byte{'\n'})
			if person >= x.people {
				return ErrDamaged
			}
			if !each(lines[start:end], person) {
				return nil
			}
			person++
			lines = lines[end+1:]
		}
	}
	return nil
}

// rarestFirst puts that of the words in front that the fewest have, as far as a piece
// from the middle tells: only where it stands the others are looked for.
func (x *index) rarestFirst(part int, words [][]byte, buf *[blockSize + maxLine]byte) error {
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

// Matches reports whether what is typed fits somebody of that name, or the number dial.
func Matches(text, name, dial string, rules number.Settings) bool {
	if digits := digitsOf(text); digits != "" {
		key := number.KeyOf(dial, rules).Digits()
		return strings.Contains(dial, digits) ||
			slices.ContainsFunc(waysTo(digits, rules), func(w string) bool { return strings.Contains(key, w) })
	}
	words, folded := strings.Fields(Fold(text)), Fold(name)
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(folded, w) })
}
