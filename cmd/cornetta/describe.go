package main

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/alecthomas/kong"

	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// describeCmd prints a file that a package installs beside the program, made of what
// the program knows of itself, in the language of the environment. The Makefile's
// install asks for each.
type describeCmd struct {
	What    string `arg:"" enum:"languages,man,man-ui,bash,zsh,fish,entry,links,autostart,service,mime,admx,adml"`
	Program string `default:"/usr/bin/cornetta"` // the path that is installed
}

func (c *describeCmd) Run(k *kong.Context, e *env) error {
	d := describer{e.out, k.Model.Node, path.Join(path.Dir(c.Program), "..", "share", "doc", "cornetta", "docs")}
	switch c.What {
	case "languages": // in which the rest can be had
		d.line("%s", strings.Join(words.Languages(), "\n"))
	case "man":
		d.man()
	case "man-ui":
		d.manOfWindows()
	case "bash":
		d.bash()
	case "zsh":
		d.zsh()
	case "fish":
		d.fish()
	case "admx":
		d.admx()
	case "adml":
		d.adml()
	default:
		file, err := desktop.FileForAllUsers(c.What, c.Program)
		if err != nil {
			return err
		}
		_, err = e.out.Write(file)
		return err
	}
	return nil
}

// describer writes the command line down for others to read: manuals and shells.
type describer struct {
	io.Writer
	root   *kong.Node
	guides string // where they are installed
}

func (d describer) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

// commands are those below n, each before its own.
func commands(n *kong.Node) []*kong.Node {
	var all []*kong.Node
	for _, c := range n.Children {
		if !c.Hidden {
			all = append(append(all, c), commands(c)...)
		}
	}
	return all
}

// options are those of n alone.
func options(n *kong.Node) []*kong.Flag {
	var all []*kong.Flag
	for _, f := range n.Flags {
		if !f.Hidden {
			all = append(all, f)
		}
	}
	return all
}

// optionNames are an option as it is typed.
func optionNames(f *kong.Flag) []string {
	all := []string{"--" + f.Name}
	if f.Short != 0 {
		all = append(all, "-"+string(f.Short))
	}
	return all
}

func takesValue(f *kong.Flag) bool { return !f.IsBool() && !f.IsCounter() }

func values(f *kong.Flag) []string {
	if f.Enum == "" {
		return nil
	}
	return strings.Split(f.Enum, ",")
}

var roff = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `~`, `\(ti`, `^`, `\(ha`)

// text writes words as they are, whatever they begin with.
func (d describer) text(s string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(s), "\n\n") {
		if i > 0 {
			d.line(".PP")
		}
		d.line(`\&%s`, roff.Replace(strings.ReplaceAll(paragraph, "\n", " ")))
	}
}

func (d describer) head(name string, what words.Label) {
	d.line(`.TH %s 1 "" "cornetta %s" "Cornetta"`, strings.ToUpper(name), roff.Replace(version))
	d.line(".SH %s", words.Text(words.HeadManName))
	d.line(`%s \- %s`, roff.Replace(name), roff.Replace(words.Text(what)))
}

func (d describer) man() {
	d.head("cornetta", words.LabelDialsThrough)
	d.line(".SH %s", words.Text(words.HeadManSynopsis))
	for _, n := range append([]*kong.Node{d.root}, commands(d.root)...) {
		if n == d.root || n.Leaf() {
			d.line(".PP")
			d.line(`.B %s`, roff.Replace(n.FullPath()))
			for _, p := range n.Positional {
				d.line(`.I %s`, roff.Replace(p.Summary()))
			}
			if n == d.root || len(options(n)) > 0 {
				d.line(`.RI [ %s ]`, roff.Replace(words.Text(words.LabelManOption)))
			}
		}
	}
	d.line(".PP\n.B cornetta tel:\\fInumber\\fP\n.PP\n.B cornetta callto:\\fInumber\\fP")
	d.line(".SH %s", words.Text(words.HeadManDescription))
	d.text(words.Text(words.SayAbout))
	d.line(".SH %s", words.Text(words.HeadManOptions))
	d.manOptions(d.root)
	d.line(".SH %s", words.Text(words.HeadManCommands))
	for _, n := range commands(d.root) {
		d.line(".SS %s", roff.Replace(n.Path()))
		d.text(n.Help)
		for _, p := range n.Positional {
			d.line(".TP\n.I %s", roff.Replace(p.Summary()))
			d.text(p.Help)
		}
		d.manOptions(n)
	}
	d.line(".SH %s", words.Text(words.HeadManFiles))
	for _, file := range []struct {
		path string
		what words.Label
	}{
		{"~/.config/cornetta/config.toml", words.SayFileSettings},
		{"~/.local/state/cornetta/", words.SayFileState},
		{d.guides + "/", words.SayFileGuides},
		{"/etc/cornetta/policy.toml, /etc/cornetta/policy.d/*.toml", words.SayFilePolicy},
		{"/etc/cornetta/enrol.d/", words.SayFileEnrolments},
	} {
		d.line(".TP\n.I %s", roff.Replace(file.path))
		d.text(words.Text(file.what))
	}
}

func (d describer) manOptions(n *kong.Node) {
	for _, f := range options(n) {
		d.line(".TP\n.B %s", roff.Replace(f.String()))
		d.text(f.Help)
	}
}

// manOfWindows is for the other program, which has no command line.
func (d describer) manOfWindows() {
	d.head("cornetta-ui", words.LabelDrawsWindows)
	d.line(".SH %s", words.Text(words.HeadManDescription))
	d.text(words.Text(words.SayStartedByCornetta))
}
