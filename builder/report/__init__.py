"""From values to text: formatters that print nothing themselves."""
