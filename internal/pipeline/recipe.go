package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	"pixmill/resize"
)

// digests gives, by variant and format, what decides an output's bytes besides its source: a changed quality of JPEGs changes
// nothing for PNGs, and a variant that is only renamed is still the same.
func digests(r resize.Recipe) map[string]string {
	all := map[string]string{}
	for _, v := range r.Variants {
		for _, format := range resize.Formats {
			part := v
			part.Name, part.Formats, part.Quality = "", []string{format}, nil
			if q, ok := v.Quality[format]; ok {
				part.Quality = map[string]int{format: q}
			}
			if !resize.Lossy(format) {
				part.MaxBytes = 0
			}
			all[v.Name+"/"+format] = digest(part)
		}
	}
	return all
}

// digest is sixteen hexadecimal digits. Fields of structs that are zero are left out, so that a new one, not in use, changes no digest.
func digest(values ...any) string {
	h := sha256.New()
	for _, v := range values {
		text, err := json.Marshal(sparse(reflect.ValueOf(v)))
		if err != nil {
			panic(fmt.Sprintf("a recipe is plain data: %v", err))
		}
		h.Write(append(text, '\n'))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// sparse is a value with its structs as maps, without their zero fields. JSON writes maps sorted by key.
func sparse(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Struct:
		fields := map[string]any{}
		for field, value := range v.Fields() {
			if field.IsExported() && !value.IsZero() {
				fields[field.Name] = sparse(value)
			}
		}
		return fields
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return sparse(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Interface()
		}
		items := make([]any, v.Len())
		for i := range items {
			items[i] = sparse(v.Index(i))
		}
		return items
	default:
		return v.Interface()
	}
}

// probeForm tells an Info kept by another pixmill, with other fields, from one of ours.
var probeForm = []byte(digest(fmt.Sprintf("%#v", resize.Info{})) + " ")

func encodeProbe(info resize.Info) []byte {
	text, err := json.Marshal(info)
	if err != nil {
		panic(fmt.Sprintf("what a header says is plain data: %v", err))
	}
	return append(bytes.Clone(probeForm), text...)
}

// Header is what the headers of a source said, as the ledger keeps it; false: it keeps nothing, or another pixmill's form of it.
func Header(probe []byte) (info resize.Info, ok bool) {
	ok = decodeProbe(probe, &info)
	return info, ok
}

// decodeProbe reports whether there was one.
func decodeProbe(probe []byte, info *resize.Info) bool {
	text, ok := bytes.CutPrefix(probe, probeForm)
	return ok && json.Unmarshal(text, info) == nil
}
