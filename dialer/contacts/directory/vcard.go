package directory

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/quotedprintable"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"cornetta/dialer/contacts"
	"cornetta/internal/durable"
)

// The bounds of what is read of vCards.
const (
	maxProperty = 64 << 10 // bytes; what is longer is no name and no number
	maxBytes    = 2 << 30  // of a source: photographs make up most of them
	maxFiles    = contacts.MaxPeople
	maxDepth    = 4 // of folders
)

// readVCards reads a file with vCards, or all of those in a folder.
func readVCards(ctx context.Context, j job) (found, error) {
	info, err := os.Stat(j.Path)
	if err != nil {
		return found{}, err
	}
	if !info.IsDir() {
		file, err := durable.Open(j.Path)
		if err != nil {
			return found{}, err
		}
		defer file.Close()
		f, err := readCards(ctx, file)
		if errors.Is(err, ErrNone) { // it may be of the other kind than was said
			return readTable(ctx, j)
		}
		return f, err
	}
	r := cards{left: maxBytes, most: contacts.MaxPeople}
	switch err := r.folder(ctx, j.Path); {
	case err != nil:
		return found{}, err
	case len(r.all) == 0 && r.files > 0:
		return found{}, ErrNone
	}
	return found{all: r.all, bad: r.bad}, nil
}

// readCards reads the vCards of a file.
func readCards(ctx context.Context, from io.Reader) (found, error) {
	r := cards{left: maxBytes, most: contacts.MaxPeople}
	err := r.read(ctx, from)
	if err == nil && len(r.all) == 0 {
		err = ErrNone
	}
	return found{all: r.all, bad: r.bad}, err
}

// cards are those of a source.
type cards struct {
	all    []raw
	bad    int
	groups int // lists of others, who are nobody
	files  int
	left   int64 // how many bytes may be read
	most   int   // how many entries
}

// folder reads the files in a folder that are named as vCards are. One that cannot be
// read is a bad entry.
func (r *cards) folder(ctx context.Context, dir string) error {
	base := strings.Count(filepath.Clean(dir), string(filepath.Separator))
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && path == dir:
			return err
		case err != nil:
			r.bad++
			return nil
		case d.IsDir() && strings.Count(path, string(filepath.Separator))-base >= maxDepth:
			return fs.SkipDir
		case d.IsDir() || !slices.Contains([]string{".vcf", ".vcard"}, strings.ToLower(filepath.Ext(path))):
			return nil
		}
		if r.files++; r.files > maxFiles {
			return ErrLarge
		}
		if err := r.file(ctx, path); errors.Is(err, ErrLarge) || ctx.Err() != nil {
			return err
		} else if err != nil {
			r.bad++
		}
		return nil
	})
}

func (r *cards) file(ctx context.Context, path string) error {
	f, err := durable.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return r.read(ctx, f)
}

// read reads the vCards in a stream.
func (r *cards) read(ctx context.Context, from io.Reader) error {
	limited := &io.LimitedReader{R: from, N: r.left}
	defer func() { r.left = limited.N }()
	// UTF-16 has a mark in front of it; UTF-8 may.
	text := transform.NewReader(limited, unicode.BOMOverride(transform.Nop))
	lines := &properties{r: bufio.NewReaderSize(text, 32<<10)}
	c := &card{}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if done := c.take(line); done {
			if r.add(c); len(r.all) > r.most {
				return ErrLarge
			}
			*c = card{}
		} else if c.broken {
			r.bad++
			*c = card{depth: 1}
		}
	}
	if c.depth > 0 { // it was cut
		r.bad++
	}
	if limited.N <= 0 {
		return ErrLarge
	}
	return nil
}

func (r *cards) add(c *card) {
	if c.unreadable {
		r.bad++
		return
	}
	if c.isGroup {
		r.groups++
		return
	}
	r.all = append(r.all, c.raw())
}

// properties are the logical lines of a stream: those that were folded are joined.
type properties struct {
	r    *bufio.Reader
	line []byte
}

// next is the next property. What is longer than maxProperty is "", and is not kept.
func (p *properties) next() (string, error) {
	p.line = p.line[:0]
	long, err := p.more()
	if err != nil {
		return "", err
	}
	for {
		next, err := p.r.Peek(1)
		if err != nil || len(p.line) == 0 && !long {
			break
		}
		head, _, _ := bytes.Cut(p.line[:min(len(p.line), 512)], []byte(":"))
		switch {
		case bytes.HasSuffix(p.line, []byte("=")) && isQuoted(head): // a soft line break
			p.line = p.line[:len(p.line)-1]
		case next[0] == ' ' || next[0] == '\t':
			_, _ = p.r.Discard(1)
		default:
			return p.text(long), nil
		}
		tooLong, err := p.more()
		long = long || tooLong
		if err != nil {
			break
		}
	}
	return p.text(long), nil
}

func (p *properties) text(long bool) string {
	if long {
		return ""
	}
	return string(p.line)
}

func isQuoted(head []byte) bool {
	return bytes.Contains(bytes.ToUpper(head), []byte("QUOTED-PRINTABLE"))
}

// more adds a line, without its end, as far as there is room.
func (p *properties) more() (long bool, err error) {
	for {
		part, err := p.r.ReadSlice('\n')
		if len(p.line)+len(part) > maxProperty {
			long = true
		} else {
			p.line = append(p.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(part) > 0, err == nil:
			p.line = bytes.TrimRight(p.line, "\r\n")
			return long, nil
		}
		return long, err
	}
}

// card is a vCard that is being read.
type card struct {
	depth      int  // 1 in it, more in one that it holds
	agent      bool // the last property announced one
	broken     bool // the next began before it ended
	unreadable bool // a name or number in a charset that is not known

	fn, org, nickname string
	n                 []string
	isOrg             bool
	isGroup           bool // a list of others
	tels              []tel
	labels            map[string]string // of Apple's groups
}

type tel struct {
	group string
	kind  contacts.Kind
	text  string
}

// take reads one property; true where it ends the card.
func (c *card) take(line string) bool {
	line = strings.TrimPrefix(line, "\ufeff") // files that were put one behind the other
	head, value, ok := strings.Cut(line, ":")
	if !ok {
		return false
	}
	// A colon may stand between quotes, in a parameter.
	for strings.Count(head, `"`)%2 == 1 {
		more, rest, ok := strings.Cut(value, ":")
		if !ok {
			return false
		}
		head, value = head+":"+more, rest
	}
	params := strings.Split(head, ";")
	name := strings.ToUpper(strings.TrimSpace(params[0]))
	group := ""
	if g, rest, ok := strings.Cut(name, "."); ok {
		group, name = g, rest
	}
	announced := c.agent
	c.agent = name == "AGENT"
	switch is := strings.EqualFold(strings.TrimSpace(value), "VCARD"); {
	case name == "BEGIN" && is:
		if c.depth > 0 && !announced {
			c.broken = true
			return false
		}
		c.depth++
		return false
	case name == "END" && is:
		if c.depth > 0 {
			c.depth--
			return c.depth == 0
		}
		return false
	}
	if c.depth != 1 {
		return false
	}
	switch name {
	case "FN", "N", "ORG", "NICKNAME", "TEL", "X-MS-TEL", "KIND", "X-ADDRESSBOOKSERVER-KIND", "X-ABSHOWAS", "X-ABLABEL":
	default:
		return false
	}
	text, types, ok := c.value(params[1:], value)
	if !ok {
		c.unreadable = true
		return false
	}
	switch name {
	case "FN":
		c.fn = cmp.Or(c.fn, unescape(text))
	case "NICKNAME":
		c.nickname = unescape(text)
	case "N":
		if c.n == nil {
			c.n = fields(text)
		}
	case "ORG":
		c.org = cmp.Or(c.org, strings.TrimSpace(fields(text)[0]))
	case "KIND", "X-ADDRESSBOOKSERVER-KIND":
		c.isOrg = c.isOrg || strings.EqualFold(text, "org")
		c.isGroup = c.isGroup || strings.EqualFold(text, "group")
	case "X-ABSHOWAS":
		c.isOrg = strings.EqualFold(text, "company")
	case "X-ABLABEL":
		if c.labels == nil {
			c.labels = map[string]string{}
		}
		if group != "" && len(c.labels) < 4*contacts.MaxNumbers {
			c.labels[group] = text
		}
	case "TEL", "X-MS-TEL": // Outlook's, of the kinds that are not in vCard 2.1
		if len(c.tels) < 2*contacts.MaxNumbers {
			c.tels = append(c.tels, tel{group, kindOf(types), unescape(text)})
		}
	}
	return false
}

// value resolves how a value is written, by its parameters, whose types it returns.
func (c *card) value(params []string, value string) (text string, types []string, ok bool) {
	b, charset := []byte(value), ""
	for _, p := range params {
		if label, ok := customLabel(p); ok {
			types = append(types, label)
			continue
		}
		key, v, named := strings.Cut(p, "=")
		if !named { // vCard 2.1 gives values alone
			v, key = key, "TYPE"
			if k := strings.ToUpper(v); k == "QUOTED-PRINTABLE" || k == "BASE64" || k == "8BIT" {
				key = "ENCODING"
			}
		}
		v = strings.Trim(v, `" `)
		switch strings.ToUpper(strings.TrimSpace(key)) {
		case "TYPE":
			types = append(types, strings.Split(strings.ToLower(v), ",")...)
		case "CHARSET":
			charset = v
		case "ENCODING":
			if strings.EqualFold(v, "QUOTED-PRINTABLE") {
				// What is wrong in it stays as it is.
				decoded, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(b)))
				if err == nil || len(decoded) > 0 {
					b = decoded
				}
			}
		}
	}
	text, ok = decode(b, charset)
	return text, types, ok
}

// fields splits a value at its semicolons.
func fields(text string) []string {
	var all []string
	var b strings.Builder
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			if r == 'n' || r == 'N' {
				r = ' '
			}
			b.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == ';' && len(all) < 16:
			all = append(all, b.String())
			b.Reset()
		default:
			b.WriteRune(r)
		}
	}
	return append(all, b.String())
}

func unescape(text string) string { return strings.Join(fields(text), ";") }

// plainTel writes a tel: link as people do.
func plainTel(text string) string {
	text = strings.TrimSpace(text)
	if len(text) < 4 || !strings.EqualFold(text[:4], "tel:") {
		return text
	}
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	parts := strings.Split(text[4:], ";")
	plain := parts[0]
	for _, p := range parts[1:] {
		switch key, value, _ := strings.Cut(p, "="); strings.ToLower(key) {
		case "ext":
			plain += " ext. " + value
		case "phone-context":
			if !strings.HasPrefix(value, "+") {
				return text // of somebody else's PBX, for all that is known
			}
			plain = value + plain
		}
	}
	return plain
}

// customLabel is the label that a person gave to a number on Android, by its parameter.
func customLabel(param string) (label string, ok bool) {
	inside, ok := strings.CutPrefix(strings.ToUpper(param), "X-CUSTOM(")
	if !ok || !strings.HasSuffix(inside, ")") {
		return "", false
	}
	param = param[len("X-CUSTOM(") : len(param)-1]
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(param[strings.LastIndexByte(param, ',')+1:])))
	if err != nil {
		return "", true
	}
	label, _ = decode(text, "")
	return label, true
}

// kindOf is what the types of a number say.
func kindOf(types []string) contacts.Kind {
	has := func(all ...string) bool {
		return slices.ContainsFunc(types, func(t string) bool { return slices.Contains(all, strings.TrimSpace(t)) })
	}
	switch {
	case has("fax", "workfax", "homefax", "facsimile", "x-fax"):
		return contacts.Fax
	case has("cell", "mobile", "iphone", "x-mobile", "car"):
		return contacts.Mobile
	case has("main", "x-company", "company", "switchboard"):
		return contacts.Main
	case has("x-internal", "internal", "extension"):
		return contacts.Internal
	case has("work", "business"):
		return contacts.Work
	case has("home"):
		return contacts.Home
	}
	for _, t := range types { // a label of the person's own
		if k := kindOfLabel(spread(strings.TrimPrefix(strings.ToLower(t), "x-"))); k != contacts.Other {
			return k
		}
	}
	return contacts.Other
}

// raw is the person on the card.
func (c *card) raw() raw {
	name := c.fn
	if strings.TrimSpace(name) == "" && len(c.n) > 0 {
		n := append(slices.Clone(c.n), make([]string, 5)...)
		name = strings.Join(strings.Fields(fmt.Sprintln(n[3], n[1], n[2], n[0], n[4])), " ")
	}
	r := raw{Name: cmp.Or(strings.TrimSpace(name), c.nickname), Company: c.org}
	if c.isOrg && c.org != "" {
		r.Name, r.Company = c.org, ""
	}
	for _, t := range c.tels {
		if label := c.labels[t.group]; label != "" && t.group != "" {
			if k := kindOfLabel(spread(label)); k != contacts.Other {
				t.kind = k
			}
		}
		r.Numbers = append(r.Numbers, rawNumber{t.kind, t.text})
	}
	return r
}
