package words

import (
	"strconv"
	"strings"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/status"
)

// What is said about people and the directories that they are read from.
const (
	SayGiveSource  Label = "say_give_source"
	SayGiveBase    Label = "say_give_base"
	SayGiveUser    Label = "say_give_user"
	SayNotOfSource Label = "say_not_of_source"
	SaySourceGiven Label = "say_source_given"

	SaySourceNotKept Label = "say_source_not_kept"

	SayNoSources   Label = "say_no_sources"
	SayNotReadYet  Label = "say_not_read_yet"
	SayNobodyFound Label = "say_nobody_found"
	SayPickWhom    Label = "say_pick_whom"

	SayNoFavourites    Label = "say_no_favourites"
	SayNoSuchFavourite Label = "say_no_such_favourite"
	SayUnmarked        Label = "say_unmarked"

	// In the window with the address books.
	TitleBooks        Label = "title_books"
	TitleBrowse       Label = "title_browse"
	LabelBooks        Label = "books" // opens it
	LabelBooksKept    Label = "books_kept"
	SayBooksWhere     Label = "say_books_where"
	SayBooks          Label = "say_books"
	SayNoBooks        Label = "say_no_books"
	SayBookGiven      Label = "say_book_given"
	LabelReadAgain    Label = "read_again"
	LabelAddBook      Label = "add_book"
	LabelBookKind     Label = "book_kind"
	LabelPath         Label = "path"
	LabelAddress      Label = "address"
	LabelBase         Label = "base"
	LabelClear        Label = "clear"
	SayClear          Label = "say_clear"
	LabelTest         Label = "test"
	LabelAdd          Label = "add"
	LabelComparedBook Label = "compared_book"
	LabelChoose       Label = "choose"       // a file
	LabelWholeFolder  Label = "whole_folder" // is taken
	LabelFolderAbove  Label = "folder_above"
	SayNoBookFiles    Label = "say_no_book_files"
	SayFolderUnread   Label = "say_folder_unread"
	SayDropIt         Label = "say_drop_it"
	SayWholePath      Label = "say_whole_path"
	SayBaseNeeded     Label = "say_base_needed"
	SayUserNeeded     Label = "say_user_needed"
	SayReading        Label = "say_reading"
)

// BookKind is what a kind of address book is called where one is chosen; kind is one of
// dialer/contacts'.
func BookKind(kind string) string {
	if s, ok := in().book[kind]; ok {
		return s
	}
	return other(kind)
}

// TestedHere says in a window what an address book has that was read and is not kept yet.
func TestedHere(people, noNumber, bad int) string {
	return phraseTestedHere.with(counted(people, noNumber, bad))
}

// BooksRead says what the address books of a server are called that are read.
func BooksRead(names []clean.Foreign) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = n.Text()
	}
	return phraseBooksRead.with(strings.Join(all, ", "))
}

// AddedBook says that an address book is kept.
func AddedBook(people int) string { return phraseAddedBook.with(pluralPeople.of(people)) }

// RemoveBook is the question before one is forgotten.
func RemoveBook(name string) string { return phraseRemoveBook.with(name) }

// FailingHere is FailingSince for a window.
func FailingHere(p status.Problem, since, now time.Time) string {
	return phraseFailingHere.with(When(since, now), Problem(p).Here().paragraph())
}

// KindOfNumber is what a number is called; kind is one of dialer/contacts'.
func KindOfNumber(kind string) string {
	if s, ok := in().kind[kind]; ok {
		return s
	}
	return other(kind)
}

// Person is somebody with their company, "" for none.
func Person(name, company string) string {
	if company == "" || name == company {
		return name
	}
	return phrasePersonOf.with(name, company)
}

// Tested says what a directory has that was just read.
func Tested(people, noNumber, bad int) string {
	return phraseTested.with(counted(people, noNumber, bad))
}

// counted is how many people there are, and how many entries are of no use.
func counted(people, noNumber, bad int) string {
	all := []string{pluralPeople.of(people)}
	if noNumber > 0 {
		all = append(all, pluralNoNumber.of(noNumber))
	}
	if bad > 0 {
		all = append(all, pluralBadEntries.of(bad))
	}
	return strings.Join(all, ", ")
}

// Read says what a directory had when it was last read.
func Read(people, noNumber, bad int, at, now time.Time) string {
	return phraseRead.with(counted(people, noNumber, bad), When(at, now))
}

// FailingSince says why a directory cannot be read.
func FailingSince(p status.Problem, since, now time.Time) string {
	return phraseFailing.with(When(since, now), ProblemInTerminal(p))
}

// ComparePin tells the fingerprint of a certificate that nobody vouches for.
func ComparePin(fingerprint string) string { return phraseComparePin.with(fingerprint) }

// Column says what a column of a table was taken for; is is one of
// dialer/contacts/directory's, kind that of its numbers.
func Column(name, is, kind string) string {
	use := in().use[is]
	if use == "" {
		use = other(is)
	}
	if kind != "" {
		use = phraseNumberName.with(use, KindOfNumber(kind))
	}
	return phraseColumn.with(name, use)
}

// LimitTakes says what --limit takes.
func LimitTakes(most int) string { return phraseLimit.with(most) }

// KindAndNumber is a number with what it is.
func KindAndNumber(kind, number string) string {
	return phraseKindNumber.with(KindOfNumber(kind), number)
}

// NumberOutcome is a number that was called, with how it went.
func NumberOutcome(number, outcome string) string { return phraseRecent.with(number, outcome) }

// SpeedDial is the combination of keys that calls the favourite at a place in the dial
// window; "" for those that have none.
func SpeedDial(place int) string {
	if place < 1 || place > 9 {
		return ""
	}
	return "Ctrl+" + strconv.Itoa(place)
}

// Marked says that a number has become the favourite at a place.
func Marked(place int) string {
	if keys := SpeedDial(place); keys != "" {
		return phraseMarked.with(keys)
	}
	return phraseMarkedAt.with(place)
}

// NoFavouriteAt says that nothing is called by the keys of a place.
func NoFavouriteAt(place int) string { return phraseNoFavouriteAt.with(SpeedDial(place)) }

// Favourite is a favourite in a menu: whose the number is and of which kind, as far as
// that is known, else the number. name is clean.
func Favourite(name, kind, number string) string {
	switch {
	case name == "":
		return number
	case kind == "" || kind == "other":
		return name
	}
	return phraseFavouriteOf.with(name, KindOfNumber(kind))
}
