package directory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cornetta/ami/clean"
	"cornetta/dialer/contacts"
	"cornetta/internal/durable"
)

// The bounds of what is read of a table.
const (
	maxTable   = 64 << 20 // bytes
	maxRow     = 64 << 10 // bytes
	maxColumns = 256
)

// What a column is taken for.
const (
	UseName    contacts.Use = "name"
	UseGiven   contacts.Use = "given_name"
	UseFamily  contacts.Use = "family_name"
	UseCompany contacts.Use = "company"
	UseNumber  contacts.Use = "number"
	UseNothing contacts.Use = "" // something else

	useKind contacts.Use = "kind" // of the number in the next column
)

// readTable reads a file of comma-separated values and the like.
func readTable(ctx context.Context, j job) (found, error) {
	file, err := durable.Open(j.Path)
	if err != nil {
		return found{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxTable+1))
	if err != nil {
		return found{}, err
	}
	if len(data) > maxTable {
		return found{}, ErrLarge
	}
	switch form := formOf(data); form {
	case "":
	case formVCard: // of the other kind than was said
		return readCards(ctx, bytes.NewReader(data))
	default:
		return found{}, &formError{form}
	}
	var f found
	f.all, f.columns, f.bad, err = readRows(ctx, data, contacts.MaxPeople)
	return f, err
}

// readRows reads most of them at most.
func readRows(ctx context.Context, data []byte, most int) (all []raw, columns []contacts.Column, bad int, err error) {
	text, ok := Text(data)
	if !ok {
		return nil, nil, 0, ErrNone
	}
	text, comma := separator(text)
	var rows [][]string // what the columns are guessed by
	const sample = 50
	for n, row := range split(text, comma) {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, nil, 0, ctx.Err()
		}
		if row != nil && !slices.ContainsFunc(row, func(text string) bool { return strings.TrimSpace(text) != "" }) {
			continue // a spreadsheet has such below its last one
		}
		if row == nil || len(row) > maxColumns {
			bad++
			continue
		}
		if columns == nil {
			rows = append(rows, row)
			if len(rows) < sample {
				continue
			}
			columns, rows = guess(rows)
			for _, row := range rows {
				all = append(all, entryOf(row, columns))
			}
			continue
		}
		if all = append(all, entryOf(row, columns)); len(all) > most {
			return nil, nil, 0, ErrLarge
		}
	}
	if columns == nil && len(rows) > 0 {
		columns, rows = guess(rows)
		for _, row := range rows {
			all = append(all, entryOf(row, columns))
		}
	}
	if !slices.ContainsFunc(columns, func(c contacts.Column) bool { return c.Is == UseNumber }) || len(all) == 0 {
		return nil, columns, 0, ErrNone
	}
	return all, columns, bad, nil
}

// separators are those of tables, the likeliest first.
const separators = ";,\t|"

// separator finds what stands between the columns: what Excel says in a line of its own,
// or what there is most of in the first one that has any, quotes aside.
func separator(text string) (rest string, comma rune) {
	line, more, _ := strings.Cut(text, "\n")
	line = strings.TrimRight(line, "\r")
	if sep, ok := strings.CutPrefix(strings.ToLower(line), "sep="); ok && len(sep) == 1 && strings.Contains(separators, sep) {
		return more, rune(sep[0])
	}
	for n := 0; n < maxTitle && !strings.ContainsAny(line, separators) && more != ""; n++ {
		line, more, _ = strings.Cut(more, "\n")
	}
	counts := map[rune]int{}
	quoted := false
	for _, r := range line[:min(len(line), maxRow)] {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[r]++
		}
	}
	comma = ','
	for _, r := range separators {
		if counts[r] > counts[comma] {
			comma = r
		}
	}
	return text, comma
}

// split gives each row its number; nil for one that cannot be read.
func split(text string, comma rune) func(yield func(int, []string) bool) {
	return func(yield func(int, []string) bool) {
		for n := 0; text != ""; n++ {
			row, size := cutRow(text)
			if row = strings.TrimRight(row, "\r\n"); row == "" {
				text = text[size:]
				continue
			}
			var fields []string
			if size <= maxRow {
				in := csv.NewReader(strings.NewReader(row))
				in.Comma, in.LazyQuotes, in.FieldsPerRecord = comma, true, -1
				var err error
				if fields, err = in.Read(); err != nil {
					fields = nil
				}
			}
			text = text[size:]
			if !yield(n, fields) {
				return
			}
		}
	}
}

// cutRow is the first row of text, which may go over several lines between quotes. A
// quote that does not end within maxRow is none.
func cutRow(text string) (row string, size int) {
	quoted := false
	for i := 0; i < min(len(text), maxRow); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			return text[:i+1], i + 1
		}
	}
	if i := strings.IndexByte(text, '\n'); i >= 0 && (quoted || len(text) > maxRow) {
		return text[:i+1], i + 1
	}
	return text, len(text)
}

// columnNames are what programs call the columns that are none of numbers, folded. Those of
// second first names are first names as well.
var columnNames = map[contacts.Use][]string{
	UseName: {
		"name", "full name", "fullname", "display name", "displayname", "nome completo", "nome visualizzato", "nominativo", "contatto", "contact",
		"anzeigename", "vollstandiger name", "nom complet", "nom a afficher", "file as", "cn", "nome e cognome", "cognome e nome", "nome cognome",
		"cognome nome", "nome contatto", "contact name", "nom et prenom", "nombre completo", "denominazione",
	},
	UseGiven: {
		"first name", "firstname", "given name", "givenname", "nome", "vorname", "prenom", "nombre", "nome di battesimo",
		"middle name", "additional name", "secondo nome", "weitere vornamen", "zweiter vorname", "deuxieme prenom", "segundo nombre",
	},
	UseFamily: {"last name", "lastname", "family name", "familyname", "surname", "cognome", "nachname", "nom", "nom de famille", "apellidos", "apellido", "sn"},
	UseCompany: {
		"company", "organization", "organisation", "organization name", "organization 1 name", "azienda", "societa", "ditta", "ragione sociale", "organizzazione",
		"firma", "unternehmen", "societe", "entreprise", "empresa", "company name", "o", "organizacion", "denominazione sociale", "ente", "nome azienda", "impresa", "society",
	},
}

// One of numberWords is in the names of columns of numbers, and none of otherWords.
// numeralWords are of numbers to call only where all that stands beside them says of what
// kind these are: there are numbers of houses, customers and invoices, too.
var (
	numberWords = strings.Fields("phone phones tel telephone telefono telefoni telefon telephonenumber telefonnummer telefonico rufnummer telefonnr handynr " +
		"fax telefax telecopie telecopieur telefonino smartphone natel mobile movil cell cel cellulare cellulari cellular handy mobil mobiltelefon mobilnummer portable " +
		"centralino interno extension ipphone pager recapito recapiti")
	otherWords = strings.Fields("type label pronunciation id priority country code date postal zip account vat iva street via fiscale user organizational " +
		"prefisso prefix vorwahl indicatif tipo typ note notes email mail")
	numeralWords = strings.Fields("numero numeri number numbers nummer")
	besides      = strings.Fields("di del da de du the altro altri other weitere weiteres breve short rapido speed diretto direct esterno external pubblico public")
	// wordEnds are those of compounds: "Haupttelefon", "homephone", "faxnumber".
	wordEnds = strings.Fields("telefonnummer telefono telefon telephone phone nummer number fax handy")
)

// guess takes the columns for what their names say or, where there are none, for what
// is in them. It returns the rows below the names.
func guess(rows [][]string) ([]contacts.Column, [][]string) {
	rows = untitled(rows)
	head := rows[0]
	columns := make([]contacts.Column, 0, len(head))
	named := 0
	for i, name := range head {
		c := contacts.Column{Name: clean.Foreign(name).Line()}
		c.Is, c.Kind = useOf(name)
		if c.Is == UseNothing && i+1 < len(head) && isTypeOf(name, head[i+1]) {
			c.Is = useKind
		}
		if c.Is != UseNothing {
			named++
		}
		columns = append(columns, c)
	}
	onlyOnce(columns)
	numbers := func(all []contacts.Column) bool {
		return slices.ContainsFunc(all, func(c contacts.Column) bool { return c.Is == UseNumber })
	}
	if named > 1 && numbers(columns) || named > 0 && !slices.ContainsFunc(head, looksLikeNumber) {
		if !numbers(columns) { // a column of numbers of another name
			for i, c := range byContent(rows[1:], len(head)) {
				if c.Is == UseNumber && columns[i].Is == UseNothing {
					columns[i].Is, columns[i].Kind = UseNumber, contacts.Other
				}
			}
		}
		return columns, rows[1:]
	}
	below := rows
	if !slices.ContainsFunc(head, looksLikeNumber) && len(rows) > 1 { // names that nobody knows
		below = rows[1:]
	}
	width := len(head)
	for _, row := range below {
		width = max(width, len(row))
	}
	columns = byContent(below, width)
	if len(below) < len(rows) {
		for i, name := range head {
			columns[i].Name = clean.Foreign(name).Line()
		}
	}
	return columns, below
}

// untitled is rows without what stands alone above the names of the columns: what the
// table is called, or when it was made.
func untitled(rows [][]string) [][]string {
	filled := func(row []string) (n int) {
		for _, text := range row {
			if strings.TrimSpace(text) != "" {
				n++
			}
		}
		return n
	}
	for i, row := range rows[:min(len(rows), maxTitle)] {
		if filled(row) > 1 {
			return rows[i:]
		}
	}
	return rows
}

// maxTitle is how many rows may stand above the names of the columns.
const maxTitle = 5

// onlyOnce settles what is a name in two ways: beside first names alone, "Name" is the last
// one, as in German tables; and under what somebody is filed counts where there is nothing
// else.
func onlyOnce(columns []contacts.Column) {
	has := func(use contacts.Use) bool {
		return slices.ContainsFunc(columns, func(c contacts.Column) bool { return c.Is == use })
	}
	for i, c := range columns {
		if c.Is != UseName {
			continue
		}
		switch name := contacts.Fold(c.Name.Text()); {
		case name == "name" && has(UseGiven) && !has(UseFamily):
			columns[i].Is = UseFamily
		case name == "file as" && (has(UseGiven) || has(UseFamily)):
			columns[i].Is = UseNothing
		}
	}
}

// byContent takes columns for what most of their rows are: numbers, and before them a
// name and a company.
func byContent(rows [][]string, width int) []contacts.Column {
	columns := make([]contacts.Column, width)
	names := []contacts.Use{UseName, UseCompany}
	for i := range columns {
		filled, numbers := 0, 0
		for _, row := range rows {
			if i < len(row) && strings.TrimSpace(row[i]) != "" {
				filled++
				if looksLikeNumber(row[i]) {
					numbers++
				}
			}
		}
		switch {
		case filled == 0:
		case numbers*2 > filled:
			columns[i] = contacts.Column{Is: UseNumber, Kind: contacts.Other}
		case len(names) > 0:
			columns[i].Is, names = names[0], names[1:]
		}
	}
	return columns
}

// looksLikeNumber is for guessing only.
func looksLikeNumber(text string) bool {
	digits := 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" +-/.()*#", r):
			return false
		}
	}
	return digits >= 3 && digits <= 15
}

// useOf is what the name of a column says.
func useOf(name string) (contacts.Use, contacts.Kind) {
	folded := contacts.Fold(name)
	for _, use := range []contacts.Use{UseName, UseGiven, UseFamily, UseCompany} {
		if slices.Contains(columnNames[use], folded) {
			return use, ""
		}
	}
	label := spread(name)
	words := strings.Fields(label)
	has := func(all []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(all, w) })
	}
	kind := kindOfLabel(label)
	numeral := has(numeralWords) && !slices.ContainsFunc(words, func(w string) bool {
		return strings.Trim(w, "0123456789") != "" && kindOfLabel(w) == contacts.Other && !slices.Contains(numeralWords, w) && !slices.Contains(besides, w)
	})
	if has(otherWords) || !numeral && !has(numberWords) {
		return UseNothing, ""
	}
	return UseNumber, kind
}

// spread is the words of a name, those of "businessPhone2", "home_phone" and "Haupttelefon"
// too.
func spread(name string) string {
	var b strings.Builder
	before := ' '
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) || unicode.IsDigit(r) && unicode.IsLetter(before) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		before = r
	}
	words := strings.Fields(contacts.Fold(b.String()))
	for i, w := range words {
		if slices.Contains(numberWords, w) {
			continue
		}
		for _, end := range wordEnds {
			if start, ok := strings.CutSuffix(w, end); ok && start != "" {
				words[i] = start + " " + end
				break
			}
		}
	}
	return strings.Join(words, " ")
}

// isTypeOf: Google has "Phone 1 - Type", of late "Phone 1 - Label", before "Phone 1 - Value".
func isTypeOf(name, next string) bool {
	stem, ok := strings.CutSuffix(contacts.Fold(next), " value")
	folded := contacts.Fold(name)
	use, _ := useOf(next)
	return ok && use == UseNumber && (folded == stem+" type" || folded == stem+" label")
}

// entryOf is a row.
func entryOf(row []string, columns []contacts.Column) raw {
	var r raw
	var given, family string
	kind := contacts.Kind("")
	for i, text := range row[:min(len(row), len(columns))] {
		c := columns[i]
		text = strings.TrimSpace(text)
		if c.Is == useKind {
			kind = kindOfLabel(text)
			continue
		}
		if text != "" {
			switch c.Is {
			case UseName:
				r.Name = cmp.Or(r.Name, text)
			case UseGiven:
				given = strings.TrimSpace(given + " " + text)
			case UseFamily:
				family = text
			case UseCompany:
				r.Company = cmp.Or(r.Company, text)
			case UseNumber:
				for _, one := range strings.Split(text, ":::") { // Google's, of several
					if len(r.Numbers) < contacts.MaxNumbers {
						r.Numbers = append(r.Numbers, rawNumber{cmp.Or(kind, c.Kind), restored(strings.TrimSpace(one))})
					}
				}
			}
		}
		kind = ""
	}
	// "Nome" alone is all of the name.
	r.Name = cmp.Or(r.Name, strings.TrimSpace(given+" "+family))
	return r
}

// restored is a number that a spreadsheet took for one of its own: 3.93331E+11 is lost,
// ="0501" and '0501 are not.
func restored(text string) string {
	if inside, ok := strings.CutPrefix(text, `="`); ok {
		return strings.TrimSuffix(inside, `"`)
	}
	text = strings.TrimPrefix(text, "'")
	if whole, ok := strings.CutSuffix(text, ".0"); ok && len(whole) > 4 && strings.Trim(whole, "0123456789") == "" {
		return whole // a program that calculates has written it
	}
	if strings.ContainsAny(text, "eE") && strings.ContainsAny(text, "+,.") {
		if v, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64); err == nil && v == float64(int64(v)) && v > 0 && mantissa(text) >= 10 {
			return strconv.FormatInt(int64(v), 10)
		}
	}
	return text
}

// mantissa is how many digits stand before the E.
func mantissa(text string) int {
	text, _, _ = strings.Cut(strings.ToUpper(text), "E")
	return len(strings.Trim(text, ",.")) - 1
}
