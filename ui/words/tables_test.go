package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cornetta/dialer/status"
)

// texts are all texts of a table, by where they stand in it.
func texts(lang *table) map[string]string {
	all := map[string]string{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			all[path] = v.String()
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				name := key.String()
				if key.CanInt() {
					name = string(rune('A'+key.Int()/26)) + string(rune('a'+key.Int()%26))
				}
				walk(path+"["+name+"]", v.MapIndex(key))
			}
		case reflect.Slice: // the forms of a plural, which each language has its own number of
			for i := range v.Len() {
				all[path] += " " + v.Index(i).String()
			}
		}
	}
	walk("", reflect.ValueOf(lang).Elem())
	delete(all, ".countries")
	return all
}

var parts = regexp.MustCompile(`%(\[\d+\])?[a-zA-Z]|\{settings\}`)

// TestLanguagesSayTheSame: what one language has a text for all have one for, with the
// same parts in it, and the same things are said differently beside the settings.
func TestLanguagesSayTheSame(t *testing.T) {
	want := texts(&english)
	if len(want) < 600 {
		t.Fatalf("only %d texts found", len(want))
	}
	for code, lang := range tables {
		have := texts(lang)
		for path, text := range want {
			switch {
			case have[path] == "" && text != "":
				t.Errorf("%s: nothing at %s for %q", code, path, text)
			case have[path] != "" && text == "":
				t.Errorf("%s: %s says %q, in English nothing", code, path, have[path])
			case strings.HasPrefix(path, ".plural"):
			case !slices.Equal(partsOf(text), partsOf(have[path])):
				t.Errorf("%s: %s has not the parts of %q: %q", code, path, text, have[path])
			case strings.Contains(text, "{") != strings.Contains(have[path], "{"):
				t.Errorf("%s: %s does not distinguish the settings as %q does: %q", code, path, text, have[path])
			}
		}
		for path, text := range have {
			if _, ok := want[path]; !ok {
				t.Errorf("%s: %s says %q, of which English knows nothing", code, path, text)
			}
		}
	}
}

func partsOf(text string) []string {
	return slices.Sorted(slices.Values(parts.FindAllString(text, -1)))
}

// same are the texts that are the same in English and Italian.
var same = regexp.MustCompile(`^(Cornetta|fax|Account|Base|English|Italiano|File|No|OK|TLS|Password|on|off|15:04|…|\W*|` + parts.String() + `|\n)*$`)

// TestItalian: nothing is left in English, and its signs are those of one hand.
func TestItalian(t *testing.T) {
	en := texts(&english)
	for path, text := range texts(&italian) {
		if text == en[path] && !same.MatchString(text) && !strings.HasPrefix(path, ".field[language].values[") { // which are the languages' own
			t.Errorf("%s is in English: %q", path, text)
		}
		for _, wrong := range []string{"“", "’", " E' ", "perchè", "poichè", "finchè", "nè ", "pò", "qual'è", "segret", "  ", " ,", " .", "d'interno", "estensione", "vassoio", "a pagamento", "falliment"} {
			if strings.Contains(text, wrong) && !strings.Contains(en[path], wrong) || wrong == "“" && strings.ContainsAny(text, "“”") {
				t.Errorf("%s: %q in %q", path, wrong, text)
			}
		}
		if strings.Count(text, "«") != strings.Count(text, "»") {
			t.Errorf("%s: %q", path, text)
		}
	}
	// On the form itself no sentence sends a person to the form.
	t.Cleanup(func() { Use("en") })
	Use("it")
	for _, c := range constants(t, "../../dialer/status", "Code") {
		if c == string(status.CodeCopiedOff) {
			continue
		}
		if s := Problem(status.Problem{Code: status.Code(c)}).Here(); strings.Contains(s.Do, "Impostazioni") {
			t.Errorf("%s: %q", c, s)
		}
	}
}

// TestNothingIsUnused: every label, phrase and plural is said somewhere, and every
// sentence that is chosen by a name has something by that name.
func TestNothingIsUnused(t *testing.T) {
	used := map[string]bool{}
	for _, root := range []string{"../../ui", "../../cmd", "../../packaging"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if dir, name := filepath.Split(filepath.ToSlash(path)); dir == "../../ui/words/" {
				if code, _, _ := strings.Cut(strings.TrimPrefix(name, "settings_"), "."); code == "english" || code == "italian" {
					return nil
				}
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ValueSpec: // where it is declared
					for _, v := range n.Values {
						ast.Inspect(v, func(n ast.Node) bool { return note(used, n) })
					}
					return false
				}
				return note(used, n)
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names(t, ".", `^(Label|Say|Head|Title)[A-Z]`) {
		if !used[name] {
			t.Errorf("%s is used nowhere", name)
		}
	}
	for _, name := range names(t, ".", `^(phrase|plural)[A-Z]`) {
		if !used[name] {
			t.Errorf("%s is used nowhere", name)
		}
	}
	known := func(what string, m map[string]bool, have ...string) {
		for key := range m {
			if !slices.Contains(have, key) {
				t.Errorf("%s: there is no %q", what, key)
			}
		}
	}
	known("rules", keysOf(english.rule), constants(t, "../../dialer/number", "Rule")...)
	known("reasons", keysOf(english.reason), append(constants(t, "../../dialer/number", "Reason"), "policy", "many_calls", "other_account")...)
	known("faults", keysOf(english.fault), append(constants(t, "../../dialer/setting", "^Code"), "empty")...)
}

func note(used map[string]bool, n ast.Node) bool {
	if id, ok := n.(*ast.Ident); ok {
		used[id.Name] = true
	}
	return true
}

func keysOf[V any](m map[string]V) map[string]bool {
	keys := map[string]bool{}
	for k := range m {
		keys[k] = true
	}
	return keys
}

// names are the constants of a package whose name matches.
func names(t *testing.T, dir, pattern string) []string {
	t.Helper()
	var found []string
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if decl, ok := d.(*ast.GenDecl); ok && decl.Tok == token.CONST {
				for _, s := range decl.Specs {
					for _, name := range s.(*ast.ValueSpec).Names {
						if regexp.MustCompile(pattern).MatchString(name.Name) {
							found = append(found, name.Name)
						}
					}
				}
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s has no constants %q: was it moved?", dir, pattern)
	}
	return found
}
