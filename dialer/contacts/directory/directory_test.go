package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"go.uber.org/goleak"

	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func rules() number.Settings {
	s := number.DefaultSettings()
	s.Region, s.Prefix = "IT", "0"
	return s
}

// line is a person as the tables here have them.
func line(p contacts.Person) string {
	s := p.Name.Text()
	if p.Company != "" {
		s += " (" + p.Company.Text() + ")"
	}
	for _, n := range p.Numbers {
		s += fmt.Sprintf(" | %s %s", n.Kind, n.Text.Text())
	}
	return s
}

func typeOf(path string) contacts.SourceType {
	if filepath.Ext(path) == ".vcf" {
		return contacts.VCard
	}
	return contacts.CSV
}

// The address books of twenty programs, and tables that nobody's program made.
func TestBooks(t *testing.T) {
	for file, want := range map[string]struct {
		people   []string
		noNumber int
	}{
		"google.vcf": {[]string{
			"Anna Rossi (Acme S.p.A.) | mobile +39 333 123 4507 | work 050 123402 | other 050 123499",
			"Jörg Müller | home +49 89 12345678",
		}, 1},
		"outlook.vcf": {[]string{
			"Nicolò Però (Società Così S.r.l.) | work +39 (050) 123402 | home 050 123403 | mobile 3331234507 | fax 050 123409",
		}, 0},
		"apple.vcf": {[]string{
			"Chiara D'Angelo (Beta; Figli) | mobile +39 333 1234507 | main +39 050 123402 | mobile +39 347 1234508 | fax +39 050 123409",
			"Pizzeria Da Mario | main 050 123404",
		}, 0},
		"thunderbird.vcf": {[]string{
			"Łukasz Łukasiewicz (Zażółć sp. z o.o.) | work +48 22 123 45 67 | mobile +48 601 234 567 | other 7102",
		}, 0},
		"nextcloud.vcf": {[]string{
			"Maria Grazia Bianchi-Verdi (Studio Legale) | work +39-050-123402 ext. 12 | mobile +393331234507 | home 050.123403",
		}, 0},
		"android.vcf": {[]string{
			"José Àlvarez Ruiz y Castellanos (Café Ñandú) | mobile +34-612-34-56-78 | work 050-123-402 | other 050123405",
		}, 0},
		"evolution.vcf": {[]string{
			"Sara Neri (Gamma) | work 050 123402 | mobile 333 1234507 | other 050 123406",
		}, 0},
		"google.csv": {[]string{
			"Anna Rossi (Acme S.p.A.) | mobile +39 333 1234507 | mobile +39 333 1234508 | fax 050 123409",
			"Zoë Bianchi | home 050 123403",
			" (Ditta Verdi) | main 050 123404",
		}, 1},
		"outlook-it.csv": {[]string{
			"Nicolò Però (Così S.r.l.) | work 050 123402 | home 050 123403 | mobile 333 1234507 | fax 050 123409",
			"Lucia Gialli (Beta) | work 050 123405 | main 050 123404",
		}, 0},
		"kalliope.csv": {[]string{
			"Marco Verdi (Delta S.r.l.) | work 050 123402 | mobile 333 1234507 | internal 7102 | fax 050 123409",
			" (Fornitore \"Uno\") | work +39 050 123404",
		}, 0},
		"excel.txt": {[]string{
			"Òdon Þórr (Ålesund AS) | other 0501234",
			"Verdi Ugo | other 050 123402 | other 333 1234507",
		}, 0},
		"outlook-en.csv": {[]string{
			"Anna Rossi (Acme) | work 050 123402 | work 050 123403 | main 050 123400 | home 050 123404 | mobile +39 333 1234507 | other 050 123405 | fax 050 123409",
		}, 0},
		"windows.csv": {[]string{
			"Ugo Neri (Così) | home 050 123402 | mobile 333 1234507 | work 050 123404 | fax 050 123403 | fax 050 123405",
		}, 0},
		"thunderbird.csv": {[]string{
			"Ugo Neri (Beta) | work 050 123402 | home 050 123403 | other 050 123405 | mobile 333 1234507 | fax 050 123404",
		}, 1},
		"google-2019.csv": {[]string{
			"Anna Rossi (Acme S.p.A.) | mobile +39 333 1234507 | work 050 123402",
		}, 0},
		"icloud.vcf": {[]string{
			"Chiara Neri (Beta) | mobile +39 333 1234507 | work 050 123402 | other 050 123403 | fax 050 123409",
			" (Delta S.r.l.) | main 050 123400",
		}, 0},
		"google-2024.csv": {[]string{
			"Anna Maria Rossi (Acme S.p.A.) | mobile +39 333 1234507 | mobile 347 1234508 | main 050 123400 | fax 050 123409",
			"Ugo Neri | other 7102",
			" (Ditta Verdi) | main 050 123404",
		}, 0},
		"outlook-de.csv": {[]string{
			"Jörg Müller (Büro Grün) | work +49 89 1234567 | mobile +49 171 1234567 | work +49 89 1234560 | home 089 7654321 | mobile +49 171 7654321 | main +49 89 1234561 | fax +49 89 12345679",
		}, 0},
		"outlook-fr.csv": {[]string{
			"Jérôme Noël Lefèvre (Société Générée) | work +33 1 23 45 67 80 | home 01 23 45 67 81 | mobile +33 6 12 34 56 78 | fax +33 1 23 45 67 89",
		}, 0},
		"outlook-com.csv": {[]string{
			"Zoë Bianchi (Beta S.r.l.) | home 050 123403 | work +39 050 123402 | mobile 333 1234507 | main 050 123400 | work 050 123401 | fax 050 123409",
		}, 0},
		"thunderbird-de.csv": {[]string{
			"Jörg Müller (Büro Grün) | work +49 89 1234567 | home 089 7654321 | mobile +49 171 7654321 | fax +49 89 12345679",
		}, 0},
		"thunderbird-fr.csv": {[]string{
			"Jérôme Lefèvre (Société Générée) | work +33 1 23 45 67 80 | home 01 23 45 67 81 | mobile +33 6 12 34 56 78 | fax +33 1 23 45 67 89",
		}, 0},
		"samsung.vcf": {[]string{
			"Nicolò Néri (Società Acme) | mobile 3331234507 | work +39050123402 | main 050123400 | fax 050123409",
		}, 0},
		"huawei.vcf": {[]string{
			"Sara Neri (Gamma) | mobile 333-123-4507 | internal 7102",
			"Zoë Bianchi | home 050 123403",
		}, 0},
		"outlook-365.vcf": {[]string{
			"Dott.ssa Anna Rossi (Acme S.p.A.) | work +39 (050) 123402 | other +39 (050) 123401 | mobile +39 (333) 1234507 | main +39 (050) 123400 | work +39 (050) 123405",
		}, 0},
		"kalliope-en.csv": {[]string{
			"Marco Verdi (Delta S.r.l.) | work 050123402 | mobile 3331234507 | other 7102 | fax 050123409",
		}, 0},
		"office.csv": {[]string{
			" (Ditta Verdi S.n.c.) | other 050 123404 | mobile 333.1234507",
			" (Studio \"Blu\") | other 050 123405 | fax 050 123409",
		}, 0},
		"swiss.csv":  {[]string{"Ueli Keller (Käserei) | other 044 123 45 67 | mobile 079 123 45 67"}, 0},
		"mac.csv":    {[]string{"Nicolò | other 050 123402"}, 0},
		"pandas.csv": {[]string{"Anna Rossi | other 393331234507"}, 1},
		"bare.csv":   {[]string{"Anna Rossi (Acme) | other 050 123402", "Ugo Neri | other 333 1234507", "Eva Blu (Beta) | other 7103"}, 0},
	} {
		path := filepath.Join("testdata", "books", file)
		r, err := Read(t.Context(), contacts.Source{ID: "1", Type: typeOf(path), Path: path}, "", Access{}, rules())
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var got []string
		for _, p := range r.People {
			got = append(got, line(p))
		}
		if !slices.Equal(got, want.people) {
			t.Errorf("%s:\n %s\nwant\n %s", file, strings.Join(got, "\n "), strings.Join(want.people, "\n "))
			for _, c := range r.Columns {
				t.Logf("%s: %s %s", c.Name.Text(), c.Is, c.Kind)
			}
		}
		if r.NoNumber != want.noNumber || r.Bad != 0 {
			t.Errorf("%s: %d without a number, %d bad", file, r.NoNumber, r.Bad)
		}
	}
}

// A file of one kind that was said to be of the other is read, and one of a kind that is
// not read is called by its name.
func TestForms(t *testing.T) {
	utf16LE := func(text string) string { return utf16Of(text)[2:] }
	for name, c := range map[string]struct {
		text, want string
	}{
		"vCards":                  {"\r\n\ufeffBEGIN:VCARD\r\nFN:Anna\r\nTEL:7102\r\nEND:VCARD\r\n", "Anna | other 7102"},
		"a table":                 {"Nome;Telefono\nAnna;7102\n", "Anna | other 7102"},
		"a table, without a mark": {utf16LE("Nome\tTelefono\r\nAnna\t7102\r\n"), "Anna | other 7102"},
		"Thunderbird's LDIF":      {"dn: cn=Anna Rossi,mail=anna@example.com\nobjectclass: top\ncn: Anna Rossi\ntelephoneNumber: 7102\n", "LDIF"},
		"LDIF of a server":        {"# extended LDIF\n#\n# LDAPv3\nversion: 1\n\ndn: dc=example\n", "LDIF"},
		"a Yealink's phone book":  {"<?xml version=\"1.0\"?>\n<YealinkIPPhoneDirectory><DirectoryEntry><Name>Anna</Name><Telephone>7102</Telephone></DirectoryEntry></YealinkIPPhoneDirectory>", "XML"},
		"a Snom's":                {"<SnomIPPhoneDirectory><DirectoryEntry><Name>Anna</Name><Telephone>7102</Telephone></DirectoryEntry></SnomIPPhoneDirectory>", "XML"},
		"a Fritz!Box's":           {"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<phonebooks><phonebook><contact><person><realName>Anna</realName></person></contact></phonebook></phonebooks>", "XML"},
		"KalliopePBX's JSON":      {`[{"firstName":"Anna","lastName":"Rossi","businessPhone":"7102"}]`, "JSON"},
		"an object":               {`{"contacts":[]}`, "JSON"},
		"a web page":              {"<!DOCTYPE html>\n<html><table><tr><td>Anna</td><td>7102</td></tr></table></html>", "HTML"},
		"a calendar":              {"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "iCalendar"},
		"a workbook":              {"PK\x03\x04\x14\x00\x06\x00\x08\x00[Content_Types].xml\x00xl/workbook.xml", "XLSX"},
		"an open workbook":        {"PK\x03\x04\x14\x00\x00\x08\x00\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "ODS"},
		"an archive":              {"PK\x03\x04\x14\x00\x00\x08\x00\x00contacts.vcf BEGIN:VCARD", "ZIP"},
		"an old workbook":         {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "XLS"},
		"Outlook's own file":      {"!BDN\x00\x00\x00\x00SM", "PST"},
		"a phone's data":          {"SQLite format 3\x00\x10\x00", "SQLite"},
		"a page":                  {"%PDF-1.7\nAnna;7102\n", "PDF"},
		"a letter":                {"{\\rtf1 Anna;7102}", "RTF"},
		"packed":                  {"\x1f\x8b\x08\x00", "gzip"},
	} {
		for _, kind := range []contacts.SourceType{contacts.VCard, contacts.CSV} {
			path := filepath.Join(t.TempDir(), "contacts")
			write(t, path, c.text)
			r, err := Read(t.Context(), contacts.Source{Type: kind, Path: path}, "", Access{}, rules())
			got := strings.Join(lines(r.People), "\n")
			if p := dialer.ProblemOf(err, ""); p != nil && p.Code == status.CodeSourceForm {
				got = p.Detail.Text()
			}
			if got != c.want {
				t.Errorf("%s, as %s: %q, not %q (%v)", name, kind, got, c.want, err)
			}
		}
	}
}

// Which columns are of numbers, and of which kind: by what programs and people call them.
func TestColumns(t *testing.T) {
	for name, want := range map[string]contacts.Kind{
		"Telefono": contacts.Other, "Tel.": contacts.Other, "Tel": contacts.Other, "N. telefono": contacts.Other, "Numero": contacts.Other, "Number 2": contacts.Other,
		"Numero di telefono": contacts.Other, "Telephone Number": contacts.Other, "phone_number": contacts.Other, "PhoneNumber1": contacts.Other, "Phones": contacts.Other,
		"Rufnummer": contacts.Other, "Telefonnummer": contacts.Other, "Recapito telefonico": contacts.Other, "Altro telefono": contacts.Other, "Numero breve": contacts.Other,
		"Telefono ufficio": contacts.Work, "Tel.Ufficio": contacts.Work, "Business Number": contacts.Work, "workphone": contacts.Work, "officenumber": contacts.Work,
		"businessPhone2": contacts.Work, "Geschäftstelefon": contacts.Work, "Tel. dienstlich": contacts.Work, "Tél. professionnel": contacts.Work, "Téléphone (bureau)": contacts.Work,
		"Numero ufficio": contacts.Work, "Teléfono del trabajo": contacts.Work, "Telefono società": contacts.Work,
		"Cellulare": contacts.Mobile, "Cell.": contacts.Mobile, "cellphone": contacts.Mobile, "Mobile 2": contacts.Mobile, "mobilenumber": contacts.Mobile, "Handynummer": contacts.Mobile,
		"Autotelefon": contacts.Mobile, "Mobil-Tel.-Nr.": contacts.Mobile, "Tél. mobile": contacts.Mobile, "Móvil": contacts.Mobile, "Numero cellulare": contacts.Mobile,
		"Telefono casa": contacts.Home, "homephone": contacts.Home, "home_number": contacts.Home, "Telefon privat": contacts.Home, "Tél. personnel": contacts.Home, "Téléphone (domicile)": contacts.Home,
		"Haupttelefon": contacts.Main, "Telefono principale": contacts.Main, "Company Main Phone": contacts.Main, "Centralino": contacts.Main,
		"Interno": contacts.Internal, "Numero interno": contacts.Internal, "Extension": contacts.Internal, "ipPhone": contacts.Internal,
		"Fax": contacts.Fax, "Fax (uff.)": contacts.Fax, "faxnumber": contacts.Fax, "Faxnummer": contacts.Fax, "Télécopie (bureau)": contacts.Fax, "Numero di fax": contacts.Fax, "Business Fax": contacts.Fax,
	} {
		if use, kind := useOf(name); use != UseNumber || kind != want {
			t.Errorf("%q is %q, %q, want a number, %q", name, use, kind, want)
		}
	}
	for _, name := range []string{
		"Numero civico", "Numero cliente", "Numero di figli", "Numero documento", "Customer Number", "Account Number", "Invoice number", "Hausnummer", "Kundennummer",
		"Numéro de rue", "Government ID Number", "Organisationsnr.", "Phone Type", "Phone 1 - Label", "Telefono prefisso", "Telefonvorwahl", "Note telefoniche", "Mobile country code",
		"E-mail", "Email", "Codice fiscale", "P.IVA", "CAP", "Telex", "ISDN", "Callback", "Data", "Titolo", "Hobby", "Location", "IMAddress",
	} {
		if use, kind := useOf(name); use != UseNothing {
			t.Errorf("%q is %q, %q", name, use, kind)
		}
	}
}

// All of them, in folders.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.vcf"), "BEGIN:VCARD\nFN:A\nTEL:7102\nEND:VCARD\n")
	write(t, filepath.Join(dir, "deeper", "b.VCF"), "BEGIN:VCARD\nFN:B\nTEL:7103\nEND:VCARD\n")
	write(t, filepath.Join(dir, "a.txt"), "BEGIN:VCARD\nFN:C\nTEL:7104\nEND:VCARD\n")
	write(t, filepath.Join(dir, "torn.vcf"), "BEGIN:VCARD\nFN:D\nTEL:7105\n")
	r, err := Read(t.Context(), contacts.Source{ID: "1", Type: contacts.VCard, Path: dir}, "", Access{}, rules())
	if err != nil || len(r.People) != 2 || r.Bad != 1 {
		t.Errorf("%d people, %d bad, %v", len(r.People), r.Bad, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const good = "BEGIN:VCARD\nVERSION:3.0\nFN:Anna Rossi\nTEL:050 123402\nEND:VCARD\n"

// One bad entry costs that entry.
func TestDamagedCards(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		bad  int
	}{
		"torn":                 {"BEGIN:VCARD\nFN:X\nTEL:1\n" + good, 1},
		"at its end":           {good + "BEGIN:VCARD\nFN:X\n", 1},
		"a charset":            {"BEGIN:VCARD\nFN;CHARSET=SHIFT_JIS:\x93\x63\x92\x86\nTEL:7102\nEND:VCARD\n" + good, 1},
		"another than it is":   {"BEGIN:VCARD\nFN;CHARSET=UTF-8:Nicol\xf2\nEND:VCARD\n" + good, 0},
		"no value":             {"BEGIN:VCARD\nFN\nTEL\n;;;\n:\nTEL;=;\"\nTEL;TYPE=\"a:1\nEND:VCARD\n" + good, 0},
		"rubbish around":       {"x\n\x00\xff\n\n" + good + "END:VCARD\nEND:VCARD\n", 0},
		"nested":               {"BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:Inner\nTEL:7103\nEND:VCARD\nFN:Outer\nEND:VCARD\n" + good, 0},
		"nested a lot":         {strings.Repeat("BEGIN:VCARD\nAGENT:\n", 2000) + strings.Repeat("END:VCARD\n", 2000) + good, 0},
		"a broken escape":      {"BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:=ZZ\nEND:VCARD\n" + good, 0},
		"a photograph of 5 MB": {"BEGIN:VCARD\nFN:X\nPHOTO;ENCODING=b;TYPE=JPEG:" + strings.Repeat("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\n ", 80_000) + "\nTEL:7103\nEND:VCARD\n" + good, 0},
		"a long line":          {"BEGIN:VCARD\nFN:X\nNOTE:" + strings.Repeat("x", 3<<20) + "\nEND:VCARD\n" + good, 0},
		"a long name, folded":  {"BEGIN:VCARD\nFN:X" + strings.Repeat("\n x", 1<<20) + "\nEND:VCARD\n" + good, 0},
		"a thousand numbers":   {"BEGIN:VCARD\nFN:X\n" + strings.Repeat("TEL:\n", 100_000) + "END:VCARD\n" + good, 0},
	} {
		r := cards{left: maxBytes, most: 1000}
		err := r.read(t.Context(), strings.NewReader(strings.ReplaceAll(c.text, "\n", "\r\n")))
		kept, _ := people(r.all, "1", rules())
		if err != nil || r.bad != c.bad || len(kept) == 0 || line(kept[len(kept)-1]) != "Anna Rossi | other 050 123402" {
			t.Errorf("%s: %d bad, %d people, %v", name, r.bad, len(kept), err)
		}
	}
}

// endless is a stream of one line.
type endless struct{ left int64 }

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), e.left)
	for i := range b[:n] {
		b[i] = 'x'
	}
	e.left -= n
	return int(n), nil
}

// What is too much is named, and takes no memory.
func TestTooMuch(t *testing.T) {
	r := cards{left: maxBytes, most: 1000}
	head := strings.NewReader("BEGIN:VCARD\nFN:")
	var err error
	if n := testing.AllocsPerRun(1, func() {
		err = r.read(t.Context(), io.MultiReader(head, &endless{left: 64 << 20}, strings.NewReader("\nEND:VCARD\n"+good)))
	}); n > 1000 || err != nil {
		t.Errorf("a line of 64 MiB: %v allocations, %v", n, err)
	}
	r = cards{left: 1 << 20, most: 1000}
	if err := r.read(t.Context(), &endless{left: 2 << 20}); !errors.Is(err, ErrLarge) {
		t.Errorf("more than may be read: %v", err)
	}
	many := bytes.Repeat([]byte("BEGIN:VCARD\nFN:A\nEND:VCARD\n"), 1001)
	r = cards{left: maxBytes, most: 1000}
	if err := r.read(t.Context(), bytes.NewReader(many)); !errors.Is(err, ErrLarge) {
		t.Errorf("too many: %v", err)
	}
	if _, _, _, err := readRows(t.Context(), bytes.Repeat([]byte("Anna,050 123402\n"), 1001), 1000); !errors.Is(err, ErrLarge) {
		t.Errorf("too many rows: %v", err)
	}
	for name, want := range map[string]error{"none.vcf": nil, "empty.vcf": ErrNone, "empty.csv": ErrNone} {
		path := filepath.Join(t.TempDir(), name)
		if want != nil {
			write(t, path, "")
		}
		_, err := Read(t.Context(), contacts.Source{Type: typeOf(path), Path: path}, "", Access{}, rules())
		if want == nil && status.Find(err, status.CodeSourceMissing) == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A device is neither waited for nor read.
	if _, err := Read(t.Context(), contacts.Source{Type: contacts.CSV, Path: os.DevNull}, "", Access{}, rules()); err == nil {
		t.Error("a device was read")
	}
}

func TestRows(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		bad        int
	}{
		"Excel says what separates": {"sep=;\nName;Phone\nAnna, Rossi;7102\n", "Anna, Rossi | other 7102", 0},
		"tabs":                      {"Name\tPhone\nAnna\t7102\n", "Anna | other 7102", 0},
		"a quote that does not end": {"Name,Phone\n\"Ugo,7103\nAnna,7102\n", "Anna | other 7102", 0},
		"a quote inside":            {"Name,Phone\nAnna \"Ann\" Rossi,7102\n", "Anna \"Ann\" Rossi | other 7102", 0},
		"a row too long":            {"Name,Phone\n" + strings.Repeat("x", maxRow+5) + ",7103\nAnna,7102\n", "Anna | other 7102", 1},
		"too many columns":          {"Name,Phone\n" + strings.Repeat("x,", 300) + "\nAnna,7102\n", "Anna | other 7102", 1},
		"short and long rows":       {"Name,Phone\nUgo\nAnna,7102,,,\n", "Anna | other 7102", 0},
		"a number spoilt":           {"Name,Phone\nAnna,393331234507\nUgo,3.93E+11\n", "Anna | other 393331234507", 0},
		"control signs":             {"Name,Phone\nA\x00n\x1bn\u202ea,71\x0002\nAnna,7102\n", "Anna | other 7102", 0},
		"a mark, and semicolons":    {"\ufeff\"Name\";\"Phone\"\r\nAnna;050 123402\r\n;;\r\n;\r\n", "Anna | other 050 123402", 0},
		"UTF-16":                    {utf16Of("Nome\tCellulare\r\nZoë\t333 1234507\r\n"), "Zoë | mobile 333 1234507", 0},
		"several in a cell":         {"Name;Phone\nAnna;050 123402 / 050 123403\n", "Anna | other 050 123402 | other 050 123403", 0},
		"two lines of a cell":       {"Name,Phone\nAnna,\"050 123402\n050 123403\"\n", "Anna | other 050 123402 | other 050 123403", 0},
		"several with commas":       {"Name,Phone\nAnna,\"050 123402, 050 123403\"\n", "Anna | other 050 123402 | other 050 123403", 0},
		"spoilt, with a comma":      {"Name;Phone\nAnna;050 123402\nUgo;3,93331E+11\n", "Anna | other 050 123402", 0},
		"spoilt, but whole":         {"Name;Phone\nUgo;3,93331234507E+11\n", "Ugo | other 393331234507", 0},
		"columns nobody knows":      {"Wer,Wo,Was\nAnna,Acme,050 123402\n", "Anna (Acme) | other 050 123402", 0},
	} {
		all, _, bad, err := readRows(t.Context(), []byte(c.text), 1000)
		kept, _ := people(all, "1", rules())
		if err != nil || bad != c.bad || len(kept) == 0 || line(kept[len(kept)-1]) != c.want {
			t.Errorf("%s: %d bad, %v, %+q", name, bad, err, lines(kept))
		}
	}
	for name, text := range map[string]string{"no numbers": "Name,Mail\nAnna,anna@example.com\n", "an image": "\x89PNG\r\n\x1a\n\x00\x00", "blank": "\n\n\n"} {
		if all, _, _, err := readRows(t.Context(), []byte(text), 1000); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
}

// Rows with nothing in them are nobody, neither are lists of others; of a number that a
// spreadsheet has spoilt it is told that there is none.
func TestNobody(t *testing.T) {
	all, _, bad, err := readRows(t.Context(), []byte("Name;Phone\nAnna;7102\n;;\nUgo;3,93331E+11\n;\n"), 1000)
	if kept, noNumber := people(all, "1", rules()); err != nil || bad != 0 || noNumber != 1 || len(kept) != 1 {
		t.Errorf("%d bad, %d without a number, %q, %v", bad, noNumber, lines(kept), err)
	}
	r := cards{left: maxBytes, most: 1000}
	const groups = "BEGIN:VCARD\nFN:Friends\nX-ADDRESSBOOKSERVER-KIND:group\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Others\nEND:VCARD\n"
	if err := r.read(t.Context(), strings.NewReader(groups+good)); err != nil || r.bad != 0 || len(r.all) != 1 {
		t.Errorf("%d bad, %d people, %v", r.bad, len(r.all), err)
	}
}

func utf16Of(text string) string {
	b := []byte("\xff\xfe")
	for _, c := range utf16.Encode([]rune(text)) {
		b = append(b, byte(c), byte(c>>8))
	}
	return string(b)
}

func lines(all []contacts.Person) (s []string) {
	for _, p := range all {
		s = append(s, line(p))
	}
	return s
}

// A source that cannot be read leaves the people in force that it had, and says since
// when. Nobody else is lost.
func TestRefresh(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := Store{
		Index: filepath.Join(dir, "state", "people"), Sources: contacts.OpenSources(filepath.Join(dir, "config", "contacts.json")),
		Now: func() time.Time { return now },
	}
	vcf, table := filepath.Join(dir, "a.vcf"), filepath.Join(dir, "b.csv")
	good := strings.ReplaceAll(good, "050 123402", "030 123456") // in Italy and in Germany
	write(t, vcf, good)
	write(t, table, "Name,Phone\nUgo Neri,7103\nEva,\n")
	for _, source := range []contacts.Source{{Type: contacts.VCard, Path: vcf}, {Type: contacts.CSV, Path: table}} {
		if err := s.Sources.Add(source); err != nil {
			t.Fatal(err)
		}
	}
	refresh := func(only string, rules number.Settings) []contacts.State {
		t.Helper()
		states, err := s.Refresh(t.Context(), only, rules)
		if err != nil {
			t.Fatal(err)
		}
		return states
	}
	book := contacts.Open(s.Index)
	knows := func(want ...string) {
		t.Helper()
		var got []string
		if err := book.All(func(p contacts.Person) bool { got = append(got, p.Source+" "+p.Name.Text()); return true }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	states := refresh("", rules())
	knows("1 Anna Rossi", "2 Ugo Neri")
	if st := states[1]; st.ID != "2" || st.People != 1 || st.NoNumber != 1 || !st.Read.Equal(now) || st.Problem != nil {
		t.Errorf("%+v", st)
	}

	first := now.Add(time.Hour)
	for now = first; now.Before(first.Add(3 * time.Hour)); now = now.Add(time.Hour) {
		if err := os.Remove(vcf); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		states = refresh("", rules())
		knows("1 Anna Rossi", "2 Ugo Neri")
		if st := states[0]; st.People != 1 || !st.Since.Equal(first) || st.Problem == nil || st.Problem.Code != status.CodeSourceMissing || !states[1].Read.Equal(now) {
			t.Errorf("%+v", states)
		}
	}
	// By other rules the numbers are others.
	abroad := rules()
	abroad.Region = "DE"
	refresh("2", abroad)
	knows("1 Anna Rossi", "2 Ugo Neri")
	if _, fits := book.Written(abroad); !fits || book.Who("+4930123456", abroad) != "Anna Rossi" {
		t.Error("the numbers of a source that is not read are those of before")
	}
	refresh("2", rules())

	write(t, vcf, strings.ReplaceAll(good, "Anna", "Lia"))
	if states = refresh("1", rules()); states[0].Problem != nil || !states[0].Since.IsZero() {
		t.Errorf("%+v", states[0])
	}
	knows("1 Lia Rossi", "2 Ugo Neri")

	if _, err := s.Refresh(t.Context(), "7", rules()); !errors.Is(err, contacts.ErrNoSource) {
		t.Error(err)
	}
	if err := s.Sources.Remove("1"); err != nil {
		t.Fatal(err)
	}
	refresh("", rules())
	knows("2 Ugo Neri")
	// No id is given twice: what was known of the other would be this one's.
	if err := s.Sources.Add(contacts.Source{Type: contacts.VCard, Path: vcf}); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Sources.List(); err != nil || all[1].ID != "3" {
		t.Errorf("%+v, %v", all, err)
	}

	// An index that is damaged is made again.
	if err := os.WriteFile(s.Index, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	refresh("", rules())
	knows("3 Lia Rossi", "2 Ugo Neri")

	lock, err := s.lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refresh(t.Context(), "", rules()); !errors.Is(err, ErrBusy) {
		t.Errorf("two at a time: %v", err)
	}
	_ = lock.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Refresh(ended, "", rules()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	knows("3 Lia Rossi", "2 Ugo Neri")
}

func FuzzVCard(f *testing.F) {
	addBooks(f, ".vcf")
	f.Fuzz(func(t *testing.T, data []byte) {
		r := cards{left: 1 << 20, most: 1000}
		_ = r.read(t.Context(), bytes.NewReader(data))
		kept, _ := people(r.all, "1", rules())
		check(t, kept)
	})
}

func FuzzTable(f *testing.F) {
	addBooks(f, ".csv")
	addBooks(f, ".txt")
	f.Fuzz(func(t *testing.T, data []byte) {
		all, _, _, _ := readRows(t.Context(), data, 1000)
		kept, _ := people(all, "1", rules())
		check(t, kept)
	})
}

func addBooks(f *testing.F, ext string) {
	all, err := filepath.Glob(filepath.Join("testdata", "books", "*"+ext))
	if err != nil || len(all) == 0 {
		f.Fatal(all, err)
	}
	for _, path := range all {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// check looks at what becomes part of an index.
func check(t *testing.T, all []contacts.Person) {
	t.Helper()
	for _, p := range all {
		if len(p.Numbers) == 0 || len(p.Numbers) > contacts.MaxNumbers {
			t.Errorf("%d numbers", len(p.Numbers))
		}
		if s := line(p); strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q", s)
		}
	}
}
