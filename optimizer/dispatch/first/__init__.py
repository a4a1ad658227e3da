"""Who does which job when: technicians with shifts, qualifications and travel; the first model, on OR-Tools routing."""
