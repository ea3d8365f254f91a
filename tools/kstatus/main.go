// Prints what kstatus makes of Kubernetes objects: the library by which Flux and others judge whether something is done.
//
// It reads JSON objects, one after the other, and prints for each a line with its status, a tab and the message.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func main() {
	if err := judge(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kstatus:", err)
		os.Exit(1)
	}
}

func judge(objects io.Reader, lines io.Writer) error {
	decoder := json.NewDecoder(objects)
	for {
		var text json.RawMessage
		err := decoder.Decode(&text)
		if errors.Is(err, io.EOF) {
			return nil
		}
		// Not by encoding/json alone, for which every number is a float: kstatus wants generations whole.
		var object unstructured.Unstructured
		if err == nil {
			err = object.UnmarshalJSON(text)
		}
		if err != nil {
			return fmt.Errorf("what is read is no object: %w", err)
		}
		result, err := status.Compute(&object)
		if err != nil {
			return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
		fmt.Fprintf(lines, "%s\t%s\n", result.Status, strings.ReplaceAll(result.Message, "\n", " "))
	}
}
