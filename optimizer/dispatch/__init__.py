"""Who does which job when: technicians with shifts, jobs with seats, parts, tools, travel and money."""
