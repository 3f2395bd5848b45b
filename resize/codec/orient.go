package codec

// orient is a turn or a mirroring: how it maps the direction to the right, and the one down, of the stored picture.
type orient struct{ right, down [2]int }

var (
	upright   = orient{[2]int{1, 0}, [2]int{0, 1}}
	leftTurn  = orient{[2]int{0, -1}, [2]int{1, 0}}
	leftTurns = [4]orient{upright, leftTurn, leftTurn.then(leftTurn), leftTurn.then(leftTurn).then(leftTurn)} // of irot
	// mirrors are imir's: 0 exchanges top and bottom, 1 left and right.
	mirrors = [2]orient{{[2]int{1, 0}, [2]int{0, -1}}, {[2]int{-1, 0}, [2]int{0, 1}}}
)

// then is o followed by next.
func (o orient) then(next orient) orient {
	apply := func(v [2]int) [2]int {
		return [2]int{v[0]*next.right[0] + v[1]*next.down[0], v[0]*next.right[1] + v[1]*next.down[1]}
	}
	return orient{apply(o.right), apply(o.down)}
}

func (o orient) swaps() bool { return o.right[0] == 0 }

// exif is EXIF's number for it (EXIF 2.32, tag 0x0112).
func (o orient) exif() int {
	leftwards, upwards := o.right[0]+o.right[1] < 0, o.down[0]+o.down[1] < 0
	// Not swapped: to the right and down stay so (1), only right is mirrored (2), both (3), only down (4). Swapped: to the right becomes down or up.
	n := 1
	switch {
	case leftwards && upwards:
		n = 3
	case leftwards:
		n = 2
	case upwards:
		n = 4
	}
	if !o.swaps() {
		return n
	}
	return [5]int{1: 5, 2: 8, 3: 7, 4: 6}[n]
}
