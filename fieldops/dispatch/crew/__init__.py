"""The seats of jobs and who takes them: there is no other way to an assignment."""
