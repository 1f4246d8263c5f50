// SPDX-License-Identifier: Apache-2.0

// Package goneaway breaks connections to MySQL where a test says.
//
// Copy this file into a folder goneaway of your module, and run `goneaway lab -- go test -p 1 ./...`:
// all packages share one lab. Outside of a lab, tests that call New are skipped.
//
//	lab := goneaway.New(t)
//	tx, _ := db.Begin()
//	lab.Kill(connectionID)
//	if err := tx.Commit(); err == nil {
//		t.Error("the transaction was lost, and nobody said so")
//	}
//
// A document is what a scenario has, in YAML or JSON: "drop: {from: server}". `goneaway explain
// fault` lists the faults, `goneaway explain until` the states. A session is named by its
// connection id. What the lab refuses or cannot do fails the test; Ask returns it as an error.
package goneaway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
)

// Lab is the lab that a test runs in.
type Lab struct {
	t      testing.TB
	client http.Client
}

// Fault is a fault in force.
type Fault struct {
	ID  string
	lab *Lab
}

// Answer is what the control says; which fields there are depends on the request.
type Answer struct {
	ID     string
	Fired  int
	Rows   [][]any
	Error  string
	Remedy string
}

// New finds the lab, and makes it as new when the test has ended.
func New(t testing.TB) *Lab {
	t.Helper()
	path := os.Getenv("GONEAWAY_LAB")
	if path == "" {
		t.Skip("needs a lab: run me in `goneaway lab -- go test -p 1 ./...`")
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	transport := &http.Transport{DialContext: dial, DisableKeepAlives: true}
	lab := &Lab{t: t, client: http.Client{Transport: transport}}
	t.Cleanup(lab.Reset)
	return lab
}

// Fault makes any fault. It has taken effect when this returns.
func (lab *Lab) Fault(document string) *Fault {
	lab.t.Helper()
	return &Fault{ID: lab.must("POST", "/v1/faults", document).ID, lab: lab}
}

// Kill ends a session by KILL.
func (lab *Lab) Kill(session int64) *Fault {
	lab.t.Helper()
	return lab.Fault(fmt.Sprintf("kill: %d", session))
}

// Drop has a firewall drop what the "app" or the "server" sends.
func (lab *Lab) Drop(from string) *Fault {
	lab.t.Helper()
	return lab.Fault(fmt.Sprintf("drop: {from: %s}", from))
}

// Lift ends the fault.
func (fault *Fault) Lift() {
	fault.lab.t.Helper()
	fault.lab.must("DELETE", "/v1/faults/"+fault.ID, "")
}

// Fired is how often it has taken effect; for a firewall, the packets that it has met.
func (fault *Fault) Fired() int {
	fault.lab.t.Helper()
	return fault.lab.must("GET", "/v1/faults/"+fault.ID, "").Fired
}

// Until waits for a state, ten seconds at most unless the document has another deadline.
func (lab *Lab) Until(document string) {
	lab.t.Helper()
	lab.must("POST", "/v1/until", document)
}

// Server stops, starts or restarts the server: "stop: KILL", "start".
func (lab *Lab) Server(document string) {
	lab.t.Helper()
	lab.must("POST", "/v1/server", document)
}

// Restart ends the server by TERM, KILL or ABRT, and starts it with its data and address.
func (lab *Lab) Restart(signal string) {
	lab.t.Helper()
	lab.Server("restart: " + signal)
}

// Query returns the rows of a statement, run as root by a connection that no fault touches.
func (lab *Lab) Query(statement string) [][]any {
	lab.t.Helper()
	return lab.admin("query", statement).Rows
}

// SetGlobal sets a variable for connections that are made from now on.
func (lab *Lab) SetGlobal(name string, value any) {
	lab.t.Helper()
	lab.admin("set_global", map[string]any{name: value})
}

// Reset makes the world as new; every session ends. New has it done after the test.
func (lab *Lab) Reset() {
	lab.t.Helper()
	lab.must("POST", "/v1/reset", "")
}

// Ask sends one request to the control.
func (lab *Lab) Ask(method, path, document string) (answer Answer, err error) {
	request, err := http.NewRequest(method, "http://lab"+path, strings.NewReader(document))
	if err != nil {
		return answer, err
	}
	response, err := lab.client.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if err = json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return answer, err
	}
	if answer.Remedy != "" {
		answer.Error += "; " + answer.Remedy
	}
	if response.StatusCode >= http.StatusBadRequest {
		return answer, errors.New(answer.Error)
	}
	return answer, nil
}

func (lab *Lab) admin(key string, value any) Answer {
	lab.t.Helper()
	document, err := json.Marshal(map[string]any{key: value})
	if err != nil {
		lab.t.Fatalf("goneaway: %v", err)
	}
	return lab.must("POST", "/v1/admin", string(document))
}

func (lab *Lab) must(method, path, document string) Answer {
	lab.t.Helper()
	answer, err := lab.Ask(method, path, document)
	if err != nil {
		lab.t.Fatalf("goneaway: %v", err)
	}
	return answer
}
