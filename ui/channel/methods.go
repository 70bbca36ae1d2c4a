package channel

import (
	"time"

	"cornetta/dialer/contacts"
	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// What the windows can ask, by [Call]; the agent has the table of who answers what
// (see [Serve]). The names on the line are others than those of versions that answered
// otherwise: where one of the two programs was just replaced, a refusal must not be
// taken for a success.
var (
	// Preview tells what dialling a text would send. It must be quick: it is asked for
	// at every keystroke.
	Preview = ipc.Method[PreviewParams, status.Offer]{Name: "OfferText"}
	// Dial starts a call, whose progress comes as snapshots; it is answered once that
	// was asked of the PBX or refused.
	Dial = ipc.Method[DialParams, ipc.None]{Name: "DialWish"}
	// Answer is the person's to an Ask: a yes dials what was shown with it. An error
	// leaves the question open.
	Answer = ipc.Method[AnswerParams, ipc.None]{Name: "AnswerWish"}
	// Hangup ends the call that is going on.
	Hangup = ipc.Method[ipc.None, ipc.None]{Name: "Hangup"}
	// TestCall dials the PBX's echo service.
	TestCall = ipc.Method[ipc.None, ipc.None]{Name: "TestCall"}
	// InForce are the settings. It must be quick: a window waits for them.
	InForce = ipc.Method[ipc.None, Settings]{Name: "Settings"}
	// Secret is what is known of the account's. It may ask the keyring, which may ask
	// the person.
	Secret = ipc.Method[ipc.None, SecretView]{Name: "SecretView"}
	// Save stores what stands in a form and puts it in force. After an error nothing
	// was saved.
	Save = ipc.Method[Edit, Saved]{Name: "SaveEditOf"}
	// Enrol is the person's yes to an Enrolment that was shown: it is put in force.
	// Without Risk one that takes away protection is refused.
	Enrol = ipc.Method[EnrolParams, Saved]{Name: "Enrol"}
	// OfferedTLS tells whether the PBX has TLS too: it is asked for beside the check of
	// an account without.
	OfferedTLS = ipc.Method[OfferedParams, TLSOffer]{Name: "OfferedTLS"}
	// CheckKeys says what is wrong with a combination of keys, such as "Ctrl+Alt+G",
	// nothing where it can be had as far as is known.
	CheckKeys = ipc.Method[KeysParams, ipc.None]{Name: "CheckKeys"}
	// AwaitKeys waits for a combination that is in force, which dials nothing
	// meanwhile; "" where it is given up before one was pressed.
	AwaitKeys = ipc.Method[ipc.None, KeysParams]{Name: "AwaitKeys"}
	// TryHook does what stands in a form for a state of calls, with a call that is none. It
	// is answered when that is over.
	TryHook = ipc.Method[TryHookParams, ipc.None]{Name: "TryHook"}
	// OnDesktop asks what the desktop knows of Cornetta.
	OnDesktop = ipc.Method[ipc.None, Registered]{Name: "OnDesktop"}
	// Shown says that a window is on the screen: the first one of this program.
	Shown = ipc.Method[ipc.None, ipc.None]{Name: "Shown"}
	// Find are the numbers that fit what is typed: favourites and those that were called,
	// then people's. For "" they are all favourites, and then the last calls, newest
	// first, one for each number. It must be quick, as Preview.
	Find = ipc.Method[FindParams, []Suggestion]{Name: "Find"}
	// Past are calls of the history, newest first, as many as fit.
	Past = ipc.Method[PastParams, []history.Entry]{Name: "Past"}
	// Again is what would be dialled to make a call of the history again, to be agreed to by
	// Dial.
	Again = ipc.Method[PastCall, status.Offer]{Name: "Again"}
	// RemovePast takes a call out of the history.
	RemovePast = ipc.Method[PastCall, ipc.None]{Name: "RemovePast"}
	// NotePast writes a note to a call of the history.
	NotePast = ipc.Method[NoteParams, ipc.None]{Name: "NotePast"}
	// Private says whether the next call leaves no line in the history; the snapshots tell
	// whether it is so.
	Private = ipc.Method[PrivateParams, ipc.None]{Name: "Private"}
	// Mark makes a number a favourite, or no longer one, and tells at which place it is.
	Mark = ipc.Method[MarkParams, Marked]{Name: "Mark"}

	// Sources are the directories that people are read from, and how that went; as many as
	// fit.
	Sources = ipc.Method[ipc.None, []contacts.Listed]{Name: "Sources"}
	// TrySource reads one that need not be kept, and changes nothing. It may ask the keyring,
	// and take minutes, as AddSource and RefreshSource.
	TrySource = ipc.Method[SourceParams, contacts.Tried]{Name: "TrySource"}
	// AddSource reads one, keeps it, with its secret in the keyring, and has its people
	// found from then on. One of the same place and user takes the place of the one that
	// there was. After an error nothing was kept.
	AddSource = ipc.Method[SourceParams, contacts.Tried]{Name: "AddSource"}
	// RemoveSource forgets one, with its people and its secret.
	RemoveSource = ipc.Method[SourceID, ipc.None]{Name: "RemoveSource"}
	// RefreshSource reads one again. Why it cannot be read is in the list.
	RefreshSource = ipc.Method[SourceID, ipc.None]{Name: "RefreshSource"}
	// UseAccount puts another account in use, RemoveAccount forgets one and its password.
	UseAccount    = ipc.Method[AccountParams, ipc.None]{Name: "UseAccount"}
	RemoveAccount = ipc.Method[AccountParams, ipc.None]{Name: "RemoveAccount"}

	check      = ipc.Method[checkParams, checkResult]{Name: "CheckAccount"}
	examine    = ipc.Method[examineParams, examineResult]{Name: "Examine"}
	extensions = ipc.Method[extensionParams, extensionPage]{Name: "Extensions"}

	pushSnapshot  = ipc.Push[status.Snapshot]{Name: "Snapshot", Keep: 1, Every: 100 * time.Millisecond}
	pushShow      = ipc.Push[Show]{Name: "Show", Keep: 4} // windows that do not read need no queue
	pushAsk       = ipc.Push[Ask]{Name: "Ask", Keep: 1}
	pushCheckStep = ipc.Push[CheckStep]{Name: "CheckStep"}
	pushFinding   = ipc.Push[Examined]{Name: "Finding"}
	pushLanguage  = ipc.Push[string]{Name: "Language", Keep: 1}
)

type (
	// PreviewParams are Preview's.
	PreviewParams struct {
		Text   string
		Copied bool // it is to be read as what was copied is: a directory has it
		Marked bool // it was picked as a favourite
	}
	// DialParams are Dial's.
	DialParams struct {
		ID       uint64 // of a Preview or one of its Choices, which the person has seen
		Remember bool   // they picked it as the way in which such numbers are to be read (Offer.Line)
		Wish     status.Wish
	}
	// AnswerParams are Answer's.
	AnswerParams struct {
		ID   uint64 // of the Ask's Offer
		Yes  bool
		Wish status.Wish // with a yes
	}
	// EnrolParams are Enrol's.
	EnrolParams struct {
		ID   uint64 // of the Enrolment
		Risk bool   // they agreed to what takes away protection, too
	}
	// OfferedParams are OfferedTLS's.
	OfferedParams struct{ Host string }
	// TLSOffer says where the PBX speaks TLS; 0: nowhere that is known.
	TLSOffer struct{ Port int }
	// KeysParams is a combination of keys.
	KeysParams struct{ Keys string }
	// TryHookParams are TryHook's.
	TryHookParams struct {
		State string // of calls
		Text  string // as hook.Parse takes it
	}
	// FindParams are Find's.
	FindParams struct {
		Text string
		N    int // people, or calls, at most
	}
	// PastParams are Past's, as history.Query has them.
	PastParams struct {
		Words  string
		Before int
		Missed bool
	}
	// PastCall is a call of the history, by its ID.
	PastCall struct{ ID int }
	// NoteParams are NotePast's.
	NoteParams struct {
		ID   int
		Note string
	}
	// PrivateParams are Private's.
	PrivateParams struct{ On bool }
	// SourceParams are TrySource's and AddSource's.
	SourceParams struct {
		contacts.Source
		Secret *string // nil: the one that is kept for it, if it needs one
	}
	// SourceID is a source by its id.
	SourceID struct{ ID string }
	// MarkParams are Mark's.
	MarkParams struct {
		Suggestion
		Typed  bool // the number is read as what is typed
		Change bool // it becomes what it is not; else that is only told
	}
	// Marked is the place of a number among the favourites, from 1; 0: it is none.
	Marked struct{ Place int }

	// AccountParams name an account.
	AccountParams struct{ Name string }

	checkParams struct {
		Check uint64
		Edit  Edit
	}
	checkResult struct {
		Problem *status.Problem
		Steps   []CheckStep // how each ended, should the windows not have kept count
	}
	examineParams   struct{ Examination uint64 }
	examineResult   struct{ Findings []status.Finding } // all, in their order
	extensionParams struct {
		Edit   Edit
		List   uint64 // 0: ask the PBX; else go on with that list
		Offset int
	}
	extensionPage struct {
		List  uint64
		Items []status.Extension
		Total int
	}
)

// maxFrame is the bytes of the longest line that either end sends or reads.
const maxFrame = 64 << 10

// endpoint is what both ends of the channel agree on.
var endpoint = ipc.Endpoint{Frame: maxFrame, Line: 5 * time.Second, Pending: 16}
