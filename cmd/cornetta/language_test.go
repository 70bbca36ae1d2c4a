package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cornetta/dialer/config"
	"cornetta/ui/words"
)

// inLanguage runs the command line in this process in a language.
func inLanguage(t *testing.T, language string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	t.Setenv(words.Variable, language)
	t.Cleanup(func() { words.Use("en") })
	var out, errs bytes.Buffer
	code = run(t.Context(), args, streams{strings.NewReader(""), &out, &errs})
	return out.String(), errs.String(), code
}

// english are words that no Italian text has.
var english = regexp.MustCompile(`(?i)\b(the|and|is|of|with|for|did|you|unknown|flags?|unexpected|missing|must|expected|usage|commands|arguments|run|show)\b`)

// TestCommandLineInItalian: whatever the command line says, also what the library that
// reads it says by itself, is Italian; what scripts rely on is the same.
func TestCommandLineInItalian(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "AppData", "LocalAppData"} {
		t.Setenv(name, home)
	}
	for _, c := range []struct {
		line string
		want string // a part of what is said
	}{
		{"--help", "Uso: cornetta <comando> [opzioni]"},
		{"account --help", "Comandi:"},
		{"account set --help", "Opzioni:"},
		{"dial --help", "Argomenti:"},
		{"explain --help", "Dice che cosa comporrebbe un testo"},
		{"account set", "mancano le opzioni: --host=STRING, --tenant=UUID, --user=STRING"},
		{"account set --hots=x", "l'opzione --hots non esiste; forse è \"--host\"?"},
		{"status --jsn", "l'opzione --jsn non esiste; forse è "},
		{"status --q", "l'opzione --q non esiste"},
		{"statsu", "argomento statsu inatteso; forse è "},
		{"qqqqq", "argomento qqqqq inatteso"},
		{"explain", "serve \"<text> ...\""},
		{"account", "serve uno di questi: "},
		{"explain --source=x 1", "--source può essere uno di questi: "},
		{"explain --source", "--source: serve un valore di tipo "},
		{"status --json=maybe", "--json: il valore può essere true"},
		{"dial", "dial vuole un numero"},
		{"account show", "non c'è ancora un account"},
		{"explain abc", "Nel testo ci sono lettere"},
		{"explain --set=x 1", "--set vuole CHIAVE=VALORE"},
		{"explain --set=x=1 1", "non c'è nessuna impostazione"},
		{"explain --set=plus=1 1", "plus può essere 00 o keep"},
		{"explain 899123456", "Questo è un numero a sovrapprezzo"},
	} {
		args := strings.Fields(c.line)
		out, errs, code := inLanguage(t, "it", args...)
		if !strings.Contains(out+errs, c.want) {
			t.Errorf("%s: no %q in\n%s%s", c.line, c.want, out, errs)
		}
		for line := range strings.Lines(out + errs) {
			if left := english.FindString(regexp.MustCompile(`'[^']*'|"[^"]*"|--[a-z-]+|cornetta( [a-z]+)*|^  account show.*`).ReplaceAllString(line, "")); left != "" {
				t.Errorf("%s: %q in %q", c.line, left, line)
			}
		}
		if _, _, was := inLanguage(t, "en", args...); code != was {
			t.Errorf("%s ends with %d in Italian, with %d in English", c.line, code, was)
		}
	}
	for _, line := range []string{"explain --json 899123456", "explain --json abc", "account set --host=h"} {
		it, _, _ := inLanguage(t, "it", strings.Fields(line)...)
		if en, _, _ := inLanguage(t, "en", strings.Fields(line)...); it != en {
			t.Errorf("%s prints %q in Italian, %q in English", line, it, en)
		}
	}
}

// TestLanguageOfTheSettings: commands speak what was chosen there, but for the
// environment's own choice.
func TestLanguageOfTheSettings(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "AppData", "LocalAppData"} {
		t.Setenv(name, home)
	}
	t.Setenv("LC_ALL", "C")
	dir, err := config.DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Language = "it"
	if err := config.NewStore(dir).Save(c); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "config.toml")); err != nil || !strings.Contains(string(data), "language = 'it'") {
		t.Errorf("%v\n%s", err, data)
	}
	for variable, want := range map[string]string{"": "Nel testo ci sono lettere", "en": "There are letters in it", "xx": "Nel testo ci sono lettere"} {
		if out, errs, _ := inLanguage(t, variable, "explain", "abc"); !strings.Contains(out+errs, want) {
			t.Errorf("%q: %s%s", variable, out, errs)
		}
	}
}
