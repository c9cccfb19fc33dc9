"""From a customer satisfaction survey to a published bilingual report."""
