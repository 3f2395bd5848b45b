package background

const needsAnswers = true
