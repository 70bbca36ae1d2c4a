package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"cornetta/dialer/number"
	"cornetta/dialer/setting"
	"cornetta/ui/words"
)

type explainCmd struct {
	Text   []verbatim `arg:""`
	Source string     `enum:"typed,clipboard,link,tel" default:"typed"`
	Set    []string   `sep:"none" placeholder:"KEY=VALUE"`
	JSON   bool       `name:"json"`
}

// verbatim is an argument byte for byte. Kong passes strings through JSON, which
// replaces bytes that are no UTF-8.
type verbatim string

// Decode implements kong.MapperValue.
func (v *verbatim) Decode(ctx *kong.DecodeContext) error {
	*v = verbatim(ctx.Scan.Pop().String())
	return nil
}

// explainJSON is `explain --json`.
type explainJSON struct {
	Input      string          `json:"input"`
	Source     string          `json:"source"` // as --source has it
	Outcome    number.Outcome  `json:"outcome"`
	Dial       string          `json:"dial"`
	Shown      string          `json:"shown,omitempty"` // the same in groups
	Then       string          `json:"then,omitempty"`  // keyed in after the answer; a comma is a pause
	Reasons    []number.Reason `json:"reasons"`
	Error      number.Code     `json:"error"`
	Steps      []number.Step   `json:"steps"`
	Candidates []string        `json:"candidates,omitempty"`
}

// maxInput is more than number.Parse accepts, so that a text which was cut here is
// still an error.
const maxInput = 64 << 10

// Run says what would be dialled and why, without a PBX or an account. It takes the
// same settings on every computer, so that answers can be compared.
func (c *explainCmd) Run(e *env) error {
	s := number.ReferenceSettings()
	for _, set := range c.Set {
		key, value, ok := strings.Cut(set, "=")
		if !ok {
			return exit(exitUsage, words.SetTakes(set))
		}
		d, ok := setting.Find(number.Described, key)
		if !ok {
			return exit(exitUsage, words.NoSetting(key))
		}
		if s.Set(key, value) != nil {
			return exit(exitUsage, words.NotFor(d.Description, value))
		}
	}
	var text string
	for i, t := range c.Text {
		if i > 0 {
			text += " "
		}
		text += string(t)
	}
	if text == "-" {
		in, err := await(e.ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(e.in, maxInput)) })
		if err != nil {
			return err
		}
		text = string(in)
	}
	source := number.Source(c.Source)
	if c.Source == "link" {
		source = number.Link
	}
	p := number.Parse(text, source, s)
	if err := c.print(e.out, p); err != nil {
		return err
	}
	if p.Outcome == number.Error {
		return exit(exitNotNumber, "") // what is wrong was printed
	}
	return nil
}

func (c *explainCmd) print(w io.Writer, p number.Plan) error {
	if c.JSON {
		out := explainJSON{
			Input: p.Input, Source: string(p.Source), Outcome: p.Outcome, Dial: p.Dial, Shown: p.Shown(), Then: p.Then,
			Reasons: p.Reasons, Error: p.Error, Steps: p.Steps,
		}
		if p.Source == number.Link {
			out.Source = "link"
		}
		for _, c := range p.Choices {
			out.Candidates = append(out.Candidates, c.Input)
		}
		if out.Reasons == nil {
			out.Reasons = []number.Reason{}
		}
		if out.Steps == nil {
			out.Steps = []number.Step{}
		}
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(out)
	}
	// Quoted, because the text may hold control characters.
	fmt.Fprintf(w, "%-12s  %q\n", p.Source, p.Input)
	for _, s := range p.Steps {
		fmt.Fprintf(w, "%-12s  %q\n", s.Rule, s.To)
	}
	switch p.Outcome {
	case number.Dial:
		fmt.Fprintln(w, words.WillDial(p.Shown())+".")
	case number.Confirm:
		fmt.Fprintln(w, words.WillAsk(p.Shown())+".")
		fmt.Fprintln(w, words.NumberReasons(p.Why()))
	case number.Error:
		fmt.Fprintln(w, words.NumberError(string(p.Error)))
	}
	if p.Then != "" {
		fmt.Fprintln(w, words.ThenOf(p.Then))
	}
	for _, c := range p.Choices {
		fmt.Fprintf(w, "%12s  %s  %q\n", c.Label, c.Shown(), c.Input)
	}
	return nil
}

// numberSettings are the keys that --set takes.
func numberSettings() string {
	var keys []string
	for _, d := range number.Described {
		keys = append(keys, d.Key)
	}
	return strings.Join(keys, ", ")
}
