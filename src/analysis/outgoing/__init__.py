"""What goes out besides the report: the questionnaire as a form and on paper, and the answers as a public-use file."""
