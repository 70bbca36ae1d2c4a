package directory

import (
	"slices"
	"strings"

	"cornetta/dialer/contacts"
)

// kindWords are what programs and people call a kind of number, folded, in the
// languages of the programs whose exports are known. What stands first wins: the fax in
// the office is a fax.
var kindWords = []struct {
	kind  contacts.Kind
	words []string
}{
	{contacts.Fax, []string{"fax", "telefax", "telecopie", "telecopieur"}},
	{contacts.Mobile, []string{"mobile", "cell", "cellular", "cellulare", "cel", "iphone", "mobil", "handy", "portable", "movil", "gsm", "natel", "mobiltelefon", "mobilnummer", "car", "auto", "cellulari", "telefonino", "smartphone", "voiture", "handynr"}},
	{contacts.Internal, []string{"internal", "interno", "extension", "ext", "intern", "durchwahl", "ipphone", "ip", "voip", "exten"}},
	{contacts.Main, []string{"main", "principale", "centralino", "switchboard", "zentrale", "companymain", "haupt"}},
	{contacts.Home, []string{"home", "casa", "abitazione", "ab", "privat", "private", "privato", "domicile", "maison", "personnel", "perso", "personale", "personal"}},
	{contacts.Work, []string{"work", "business", "office", "ufficio", "uff", "lavoro", "azienda", "aziendale", "company", "arbeit", "geschaftlich", "buro", "travail", "bureau", "assistant", "assistants", "assistente", "geschafts", "dienstlich", "dienst", "firma", "professionnel", "pro", "trabajo", "societa", "societe"}},
}

// kindOfLabel is the kind of which a label speaks: "Telefono (uff.) 2", "_$!<Main>!$_".
func kindOfLabel(label string) contacts.Kind {
	words := strings.Fields(contacts.Fold(label))
	for _, k := range kindWords {
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(k.words, w) }) {
			return k.kind
		}
	}
	return contacts.Other
}
