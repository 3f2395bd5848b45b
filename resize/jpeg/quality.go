package jpeg

// Quality is the least quality at which libjpeg's luma table, as Fast writes it, is no coarser as a whole than one of that sum of its 64
// steps: for a file of libjpeg's own, the quality it was written with. It is 1 … 100.
func Quality(steps int) int {
	var q quantizer
	for quality := 1; quality < 100; quality++ {
		q.set(&lumaTable, quality)
		sum := 0
		for _, step := range q.table {
			sum += int(step)
		}
		if sum <= steps {
			return quality
		}
	}
	return 100
}
