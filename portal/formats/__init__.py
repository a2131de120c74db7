"""How pages write days and times in each language: `|date:"DATE_FORMAT"` and the like."""
