package contract_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/segue-workflows/segue/shared/embedded"
	"github.com/segue-workflows/segue/shared/store"
)

const childFolder = "SEGUE_CONTRACT_CHILD"

// TestMain turns the test binary into the child that TestKilledWhileWriting kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		fmt.Fprintln(os.Stderr, writeForEver(dir, os.Getenv("SEGUE_CONTRACT_ROUND")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver writes in eight goroutines and says what was acknowledged, a line each.
func writeForEver(dir, round string) error {
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				sort := fmt.Sprintf("%s/%d/%06d", round, w, i)
				writes := []store.Write{childWrite("p", sort)}
				if w == 0 {
					writes = append(writes, childWrite("twin", sort))
				}
				if err := s.PutAll(context.Background(), writes...); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Println(sort) // one write call, so lines stay whole
			}
		})
	}
	wg.Wait()
	return nil
}

// childWrite has a body that follows from its key, from a few bytes to 100 KB.
func childWrite(part, sort string) store.Write {
	size := 1
	if strings.HasSuffix(sort, "3") {
		size = 5_000
	}
	body := bytes.Repeat([]byte(part+"/"+sort+";"), size)
	return store.Write{Item: store.Item{Key: store.Key{Part: part, Sort: sort}, Body: body}, If: store.Absent}
}

func TestKilledWhileWriting(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for round := range 4 {
		lines := killAfter(t, dir, fmt.Sprint(round), 150+100*round)
		for _, line := range lines {
			acknowledged[line] = true
		}
		checkFolder(t, dir, acknowledged)
	}
}

// killAfter runs a child until it has acknowledged n writes, kills it and returns all that it acknowledged.
func killAfter(t *testing.T, dir, round string, n int) (lines []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFolder+"="+dir, "SEGUE_CONTRACT_ROUND="+round)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	for in.Scan() {
		if lines = append(lines, in.Text()); len(lines) == n {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || len(lines) < n {
		t.Fatalf("the child ended by itself after %d lines: %v", len(lines), err)
	}
	return lines
}

func checkFolder(t *testing.T, dir string, acknowledged map[string]bool) {
	t.Helper()
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	found := map[store.Key]bool{}
	for _, part := range []string{"p", "twin"} {
		for r := (store.Range{Part: part}); ; {
			items, next, err := s.List(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range items {
				found[i.Key] = true
				if !bytes.Equal(i.Body, childWrite(i.Part, i.Sort).Body) {
					t.Errorf("%v is torn", i.Key)
				}
			}
			if r.From = next; next == "" {
				break
			}
		}
	}
	for sort := range acknowledged {
		if !found[store.Key{Part: "p", Sort: sort}] {
			t.Errorf("%s was acknowledged and is lost", sort)
		}
	}
	for key := range found {
		if strings.Contains(key.Sort, "/0/") && !(found[store.Key{Part: "p", Sort: key.Sort}] && found[store.Key{Part: "twin", Sort: key.Sort}]) {
			t.Errorf("%v came through without its twin", key)
		}
	}
	told := map[store.Key]bool{}
	for cursor, more := store.Cursor(""), true; more; {
		changes, next, err := s.Next(context.Background(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			told[c.Key] = true
		}
		cursor, more = next, len(changes) > 0
	}
	if len(told) != len(found) {
		t.Errorf("the feed tells of %d keys, the store has %d", len(told), len(found))
	}
}
