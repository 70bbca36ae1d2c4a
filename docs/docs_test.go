package docs

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/pelletier/go-toml/v2"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"go.uber.org/goleak"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "TestTableOfSettings writes the table into the guides (make docs)")

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

// guide is one page.
type guide struct {
	path     string // below docs, with slashes
	outline  []string
	code     []string // of the blocks that are the same in every language
	links    []string
	images   []string
	anchors  map[string]bool
	headings []heading
}

type heading struct {
	level int
	text  string
	first string // what is in bold at the beginning of the paragraph below it
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func guideAt(t *testing.T, name string) guide {
	t.Helper()
	src := []byte(read(t, name))
	g := guide{path: name, anchors: map[string]bool{}}
	plain := func(n ast.Node) string {
		var s strings.Builder
		_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if leaf, ok := n.(*ast.Text); ok && entering {
				s.Write(leaf.Value(src))
				if leaf.SoftLineBreak() {
					s.WriteByte(' ')
				}
			}
			return ast.WalkContinue, nil
		})
		return s.String()
	}
	err := ast.Walk(markdown.Parser().Parse(text.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			h := heading{level: n.Level, text: plain(n)}
			if p, ok := n.NextSibling().(*ast.Paragraph); ok {
				if strong, ok := p.FirstChild().(*ast.Emphasis); ok && strong.Level == 2 {
					h.first = plain(strong)
				}
			}
			g.headings = append(g.headings, h)
			g.anchors[anchor(h.text)] = true
			g.outline = append(g.outline, fmt.Sprintf("heading %d", n.Level))
		case *ast.FencedCodeBlock:
			info := string(n.Language(src))
			g.outline = append(g.outline, "block "+info)
			if info != "text" { // what is printed is printed in a language
				g.code = append(g.code, string(n.Lines().Value(src)))
			}
		case *ast.CodeBlock:
			g.outline = append(g.outline, "lines")
		case *ast.List:
			g.outline = append(g.outline, fmt.Sprintf("list of %d", n.ChildCount()))
		case *extast.Table:
			g.outline = append(g.outline, fmt.Sprintf("table of %d by %d", n.ChildCount(), n.FirstChild().ChildCount()))
		case *ast.Link:
			g.links = append(g.links, string(n.Destination))
		case *ast.Image:
			g.images = append(g.images, string(n.Destination))
			if plain(n) == "" {
				t.Errorf("%s: nothing is said instead of %s", name, n.Destination)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// anchor is what GitHub, and most of what shows Markdown, calls a heading.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-':
			return '-'
		case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// block is the code block below a heading.
func block(t *testing.T, page, under string) string {
	t.Helper()
	_, section, found := strings.Cut(page, "\n## "+under+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, code, opened := strings.Cut(section, "\n```ini\n")
	code, _, closed := strings.Cut(code, "\n```\n")
	if !found || !opened || !closed {
		t.Fatalf("no block under %q", under)
	}
	return code + "\n"
}

func pages(t *testing.T, language string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(language, "*.md"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no pages in %s: %v", language, err)
	}
	for i := range all {
		all[i] = filepath.ToSlash(all[i])
	}
	return all
}

// TestLinks: each link and picture leads to what there is, by a path that is right where
// the guides are installed, too: they lie beside README.md there as here.
func TestLinks(t *testing.T) {
	known := map[string]guide{}
	at := func(name string) guide {
		if _, ok := known[name]; !ok {
			known[name] = guideAt(t, name)
		}
		return known[name]
	}
	all, err := filepath.Glob("*.md")
	if err != nil || len(all) < 2 {
		t.Fatalf("found %q: %v", all, err)
	}
	all = append(all, "../README.md", "../SECURITY.md", "../CONTRIBUTING.md", "../ATTACK-SURFACE.md")
	for _, language := range words.Languages() {
		all = append(all, pages(t, language)...)
	}
	shown := map[string]bool{}
	for _, name := range all {
		g := at(name)
		for _, link := range append(g.links, g.images...) {
			u, err := url.Parse(link)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if u.Scheme != "" {
				continue // nobody asks the internet in a test
			}
			to := name
			if u.Path != "" {
				to = path.Join(path.Dir(name), u.Path)
			}
			if _, err := os.Stat(filepath.FromSlash(to)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", name, link)
				continue
			}
			shown[to] = true
			if u.Fragment != "" && !at(to).anchors[u.Fragment] {
				t.Errorf("%s: there is no heading for %s", name, link)
			}
		}
	}
	pictures, err := filepath.Glob(filepath.Join("images", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if !shown[filepath.ToSlash(p)] {
			t.Errorf("no guide shows %s", p)
		}
		if info.Size() > 80<<10 {
			t.Errorf("%s has %d bytes: everybody who installs Cornetta has it", p, info.Size())
		}
	}
	for _, language := range words.Languages() {
		for _, p := range pages(t, language) {
			if !shown[p] {
				t.Errorf("nothing leads to %s", p)
			}
		}
	}
}

// TestLanguagesHaveTheSame: every page is there in each language, with the same headings,
// lists, tables, blocks, links and pictures in the same order.
func TestLanguagesHaveTheSame(t *testing.T) {
	for _, language := range words.Languages() {
		if language == "en" {
			continue
		}
		here := pages(t, language)
		for i, p := range here {
			here[i] = "en" + strings.TrimPrefix(p, language)
		}
		if there := pages(t, "en"); !slices.Equal(here, there) {
			t.Errorf("%s has the pages %v, English %v", language, here, there)
			continue
		}
		local := regexp.MustCompile(`#.*|(^|/)(en|` + language + `)/`)
		for _, p := range here {
			en, other := guideAt(t, p), guideAt(t, language+strings.TrimPrefix(p, "en"))
			for _, c := range []struct {
				what      string
				en, other []string
			}{
				{"outline", en.outline, other.outline},
				{"code", en.code, other.code},
				{"links", en.links, other.links},
				{"pictures", en.images, other.images},
			} {
				for i := range max(len(c.en), len(c.other)) {
					var a, b string
					if i < len(c.en) {
						a = c.en[i]
					}
					if i < len(c.other) {
						b = c.other[i]
					}
					if c.what != "code" {
						a, b = local.ReplaceAllString(a, "/"), local.ReplaceAllString(b, "/")
					}
					if a != b {
						t.Errorf("%s and %s differ in their %s, at the %d.: %q and %q", en.path, other.path, c.what, i+1, a, b)
						break
					}
				}
			}
		}
	}
}

// constants are the values of the constants of a type in a package.
func constants(t *testing.T, dir, typ string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`(?m)^\t?(?:const )?\w+ +`+typ+` += "(\w+)"`).FindAllStringSubmatch(read(t, f), -1) {
			all = append(all, m[1])
		}
	}
	return all
}

// TestTrouble: the page has a heading for every problem there is, below it what the
// program says of it, and a line for every reason for which a call can fail, and for every
// check of the doctor's. A new one is added to the page of each language.
func TestTrouble(t *testing.T) {
	codes, causes := constants(t, "dialer/status", "Code"), constants(t, "dialer/call", "Cause")
	checks := regexp.MustCompile(`(?m)^\tid\w+ += "(\w+)"$`).FindAllStringSubmatch(read(t, "../ui/doctor/checks.go"), -1)
	if len(codes) < 80 || len(causes) < 19 || len(checks) < 27 {
		t.Fatalf("found %d problems, %d causes and %d checks", len(codes), len(causes), len(checks))
	}
	t.Cleanup(func() { words.Use("en") })
	for _, language := range words.Languages() {
		words.Use(language)
		name := language + "/trouble.md"
		g := guideAt(t, name)
		said := map[string]string{}
		for _, h := range g.headings {
			if h.level == 3 {
				said[h.text] = h.first
			}
		}
		for _, code := range codes {
			first, ok := said[code]
			want := words.Problem(status.Problem{Code: status.Code(code)}).What
			switch code {
			case "field", "not_a_number", "several", "forbidden", "policy_locked":
				want = "" // the sentence is that of what is wrong
			}
			first = strings.TrimSuffix(first, ".")
			switch {
			case !ok:
				t.Errorf("%s knows nothing of %s", name, code)
			case want != "" && want != first && !strings.HasPrefix(want, first+":"): // behind it stands where
				t.Errorf("%s: %s is said to be %q, the program says %q", name, code, first, want)
			}
			delete(said, code)
		}
		for code := range said {
			t.Errorf("%s has the problem %s, which there is not", name, code)
		}
		page := read(t, name)
		for _, cause := range causes {
			row := "| `" + cause + "` | " + words.CallTitle(call.Snapshot{State: call.Failed, Cause: call.Cause(cause)}) + " |"
			if !strings.Contains(page, row) {
				t.Errorf("%s has no row that begins with %s", name, row)
			}
		}
		for _, check := range checks {
			if row := "| `" + check[1] + "` | " + words.Check(check[1]) + " |"; !strings.Contains(page, row) {
				t.Errorf("%s has no row that begins with %s", name, row)
			}
		}
	}
}

// TestBlocksOfSettings: what the guides have of policies and enrolments, in TOML, has
// settings that there are, in their tables, with values that they take.
func TestBlocksOfSettings(t *testing.T) {
	found := 0
	for _, page := range pages(t, "en") {
		for _, b := range regexp.MustCompile("(?ms)^```toml\n(.*?)^```$").FindAllStringSubmatch(read(t, page), -1) {
			var file map[string]any
			if err := toml.Unmarshal([]byte(b[1]), &file); err != nil {
				t.Errorf("%s: %v in\n%s", page, err, b[1])
			}
			found++
			levels := map[string]any{"": file}
			if _, enrolment := file["enrolment"]; enrolment {
				delete(file, "enrolment")
				delete(file, "extension") // a rule, not a setting
			} else {
				levels = file
			}
			for level, v := range levels {
				if level != "" && level != "locked" && level != "default" {
					t.Errorf("%s: %q is no level of a policy", page, level)
				}
				checkSettings(t, page, "", v)
			}
		}
	}
	if found < 3 {
		t.Errorf("found %d blocks of settings", found)
	}
}

func checkSettings(t *testing.T, page, group string, table any) {
	t.Helper()
	for key, v := range table.(map[string]any) {
		if in, ok := v.(map[string]any); ok {
			checkSettings(t, page, key, in)
			continue
		}
		if runtime.GOOS == "windows" {
			v = strings.Replace(fmt.Sprint(v), `"/opt/`, `"C:/opt/`, 1) // a whole path there
		}
		d, ok := config.Described(key)
		var c config.Config
		if !ok || d.Group != group || d.Parse(&c, fmt.Sprint(v)) != "" {
			t.Errorf("%s: [%s] %s = %v is no setting", page, group, key, v)
		}
	}
}

const tableBegins, tableEnds = "<!-- settings -->\n", "<!-- /settings -->\n"

// TestTableOfSettings: the table in the administrator's guide is made of the descriptions
// of the settings; `make docs` writes it.
func TestTableOfSettings(t *testing.T) {
	t.Cleanup(func() { words.Use("en") })
	for _, language := range words.Languages() {
		words.Use(language)
		name := language + "/administrator.md"
		page := read(t, name)
		before, rest, begins := strings.Cut(page, tableBegins)
		_, after, ends := strings.Cut(rest, tableEnds)
		if !begins || !ends {
			t.Fatalf("%s has no place for the table", name)
		}
		want := before + tableBegins + "\n" + tableOfSettings(language) + "\n" + tableEnds + after
		if *update {
			if err := os.WriteFile(filepath.FromSlash(name), []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if page != want {
			t.Errorf("the table of settings in %s is not that of the program: make docs", name)
		}
	}
}

func tableOfSettings(language string) string {
	head := map[string][5]string{
		"en": {"setting", "on the form", "what it is", "usual", "empty"},
		"it": {"impostazione", "nella finestra", "che cos'è", "di norma", "vuoto"},
	}[language]
	var s strings.Builder
	fmt.Fprintf(&s, "| %s | %s | %s | %s |\n| --- | --- | --- | --- |\n", head[0], head[1], head[2], head[3])
	usual := config.Default()
	for _, group := range []string{"account", "numbers", "keys", "hooks", "colleagues", ""} {
		for _, d := range config.Settings(group) {
			key := d.Key
			if d.Group != "" {
				key = d.Group + "." + d.Key
			}
			value := head[4]
			if v := d.Text(&usual); v != "" {
				value = "`" + v + "`"
			}
			fmt.Fprintf(&s, "| `%s` | %s | %s | %s |\n", key, words.FieldName(d.Key), whatItIs(d), value)
		}
	}
	return s.String()
}

// whatItIs says what a setting takes, or each of its values with what it means.
func whatItIs(d config.Setting) string {
	codes := d.Codes
	if d.Kind == setting.KindSwitch {
		return "`true`: " + words.FieldValue(d.Key, "true")
	}
	if len(codes) == 0 {
		return strings.ReplaceAll(words.FieldError(d.Key, "invalid").Do, "|", `\|`)
	}
	var all []string
	for _, code := range codes {
		name := "`" + code + "`"
		if code == "" {
			name = "`\"\"`"
		}
		all = append(all, name+": "+words.FieldValue(d.Key, code))
	}
	return strings.Join(all, "; ")
}
