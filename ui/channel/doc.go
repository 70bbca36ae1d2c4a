// Package channel is the private line between the agent (cornetta) and the
// program that draws the windows (cornetta-ui): the types that travel on it
// and both of its ends.
//
// The agent starts the windows as its own child and talks to them over the
// child's stdin and stdout, so nobody else can join in and no permission has
// to be checked: who holds the other end is who we started. On it runs
// JSON-RPC 2.0, one object a line, at most [MaxFrame] bytes a line. The agent
// is the server ([Serve]) and pushes [Snapshot]-s, [Show]-s and [CheckStep]-s
// as notifications; the windows are the client ([Connect]).
//
// The windows hold no state and no secret. A secret that was typed goes to the
// agent inside an [Edit] and never comes back; [SecretView] only says whether
// there is one and where it is kept. A frame that is too long, cut short or
// not a JSON-RPC object ends the channel; the windows take the end of their
// stdin as the end of the agent and exit.
//
// Concurrency: every exported method may be called from any goroutine. The
// server runs requests side by side, so that a check that takes twenty seconds
// does not hold up the preview of a number. Pushes never block the agent: one
// goroutine owned by the [Server] sends them, newest snapshot first, at most
// ten a second. JSON-RPC notifications may overtake each other inside the
// client's library, hence everything that is pushed carries a counter and the
// client drops what arrives late.
//
// Tests run both ends on io.Pipe, feed each end broken frames, and check with
// goleak that nothing is left running.
package channel
