package ami

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

// busy is what a busy PBX sends: the recorded calls of Asterisk 16 and 22 over
// and over, their ids other ones each time, as other people's would be, until
// at least n messages have come. Once in every forty the calls are ours: their
// ids are those that wanted knows.
func busy(tb testing.TB, n int) (stream []byte, messages int) {
	tb.Helper()
	var calls []byte
	for _, name := range []string{"calls-asterisk16.ami", "calls-asterisk22.ami"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			tb.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			if !bytes.HasPrefix(line, []byte("; ")) && !bytes.HasPrefix(line, []byte(bannerPrefix)) {
				calls = append(calls, line...)
			}
		}
	}
	each := bytes.Count(calls, blankLine)
	for round := 0; messages < n; round++ {
		prefix := fmt.Sprintf("somebody-%07d-", round) // as long as ours
		if round%40 == 20 {
			prefix = ownPrefix
		}
		stream = append(stream, bytes.ReplaceAll(calls, []byte(ownPrefix), []byte(prefix))...)
		messages += each
	}
	return stream, messages
}

const ownPrefix = "cornetta-example-"

var blankLine = []byte("\r\n\r\n")

// wanted is a filter as the dialer's: it knows the ids of its own channels and
// learns those of the channels that are born of them.
func wanted() Filter {
	ids := map[string]struct{}{}
	for i := range 10 {
		ids[fmt.Sprint(ownPrefix, i)] = struct{}{}
	}
	has := func(m *Message, key string) bool {
		_, ok := ids[string(m.Bytes(key))]
		return ok
	}
	return func(m *Message) bool {
		switch string(m.Event()) {
		case "OriginateResponse":
			return has(m, "Uniqueid")
		case "Newchannel":
			return has(m, "Uniqueid") || has(m, "Linkedid")
		case "DialBegin", "Dial":
			return has(m, "Uniqueid") || has(m, "DestUniqueid") || has(m, "DestLinkedid")
		}
		return has(m, "Uniqueid") || has(m, "DestUniqueid")
	}
}

// socket returns the two ends of a connection on this machine.
func socket(tb testing.TB) (server, client net.Conn) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		tb.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		tb.Fatal(err)
	}
	return server, client
}

// replay sends stream and hangs up, and returns how long read took for it.
func replay(tb testing.TB, stream []byte, read func(net.Conn)) time.Duration {
	tb.Helper()
	server, conn := socket(tb)
	sent := make(chan error, 1)
	began := time.Now()
	go func() {
		_, err := server.Write(stream)
		_ = server.Close()
		sent <- err
	}()
	read(conn)
	took := time.Since(began)
	if err := <-sent; err != nil {
		tb.Fatal(err)
	}
	return took
}

// floor does the least that a reader of lines has to do: it counts blank lines.
func floor(tb testing.TB, conn net.Conn) (blank int) {
	defer conn.Close()
	in := bufio.NewReaderSize(conn, bufferStart)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			if err != io.EOF {
				tb.Error(err)
			}
			return blank
		}
		if len(trimCR(line[:len(line)-1])) == 0 {
			blank++
		}
	}
}

// subscribed makes a client of a connection, with one subscription.
func subscribed(conn net.Conn, want Filter) (*Client, *Subscription) {
	cfg, _ := Config{Username: "x"}.complete()
	c := newClient(cfg, conn, conn)
	s := c.Subscribe(want, 0)
	c.start()
	return c, s
}

// decodeAll reads the connection with a Client whose one subscription has that
// filter, and returns how many events it was given.
func decodeAll(conn net.Conn, want Filter) (events int) {
	c, s := subscribed(conn, want)
	for range s.C() {
		events++
	}
	<-c.done
	return events
}

// BenchmarkDecode compares the client with the floor, in turns, so that what
// else the machine does meets both alike.
func BenchmarkDecode(b *testing.B) {
	stream, messages := busy(b, 100_000)
	for _, bc := range []struct {
		name string
		want func() Filter
	}{
		{"own", wanted},
		{"every", func() Filter { return nil }},
	} {
		b.Run(bc.name, func(b *testing.B) {
			var ratios, speeds, allocs []float64
			for b.Loop() {
				low := replay(b, stream, func(conn net.Conn) {
					if n := floor(b, conn); n != messages {
						b.Fatalf("the floor has seen %d of %d messages", n, messages)
					}
				})
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				events := 0
				took := replay(b, stream, func(conn net.Conn) { events = decodeAll(conn, bc.want()) })
				runtime.ReadMemStats(&after)
				if events == 0 {
					b.Fatal("no event")
				}
				ratios = append(ratios, low.Seconds()/took.Seconds())
				speeds = append(speeds, float64(messages)/took.Seconds())
				allocs = append(allocs, float64(after.Mallocs-before.Mallocs)/float64(messages))
			}
			b.ReportMetric(median(ratios), "x-floor")
			b.ReportMetric(median(speeds), "msg/s")
			b.ReportMetric(median(allocs), "allocs/msg")
			b.ReportMetric(0, "ns/op") // of a whole round, the floor's included
		})
	}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkFlood sends 100,000 events of other people a second, for as long as
// -benchtime says, and one of ours among each 1,000. Memory is what the Go
// runtime has taken from the system.
func BenchmarkFlood(b *testing.B) {
	const each, pause = 1000, 10 * time.Millisecond
	foreign, messages := busy(b, 1)
	var batch []byte
	for n := 1; n < each; n += messages {
		batch = append(batch, foreign...)
	}
	for bytes.Count(batch, blankLine) >= each {
		batch = batch[:bytes.LastIndex(batch[:len(batch)-len(blankLine)], blankLine)+len(blankLine)]
	}
	batch = append(batch, "Event: Hangup\r\nUniqueid: "+ownPrefix+"0\r\n\r\n"...)

	server, conn := socket(b)
	c, s := subscribed(conn, wanted())
	own := 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range s.C() {
			own++
		}
	}()
	runtime.GC()
	before, sent := taken(), 0
	began := time.Now()
	for b.Loop() {
		// By the clock, so that delays of a busy machine are made up for.
		time.Sleep(time.Until(began.Add(time.Duration(sent) * pause)))
		if _, err := server.Write(batch); err != nil {
			b.Fatal(err)
		}
		sent++
	}
	took := time.Since(began)
	grown := int64(taken()) - int64(before)
	_ = server.Close()
	<-c.done
	<-done
	if own != sent {
		b.Errorf("%d of %d own events were delivered", own, sent)
	}
	b.ReportMetric(float64(sent*each)/took.Seconds(), "msg/s")
	b.ReportMetric(float64(grown)/(1<<20), "MB-grown")
	b.ReportMetric(0, "ns/op") // the pause between two batches
}

// taken is the memory that the Go runtime has of the system now.
func taken() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}
