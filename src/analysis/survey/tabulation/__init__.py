"""Every question by every background question: banner tables with design-based errors and tests between columns."""
