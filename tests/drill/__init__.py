"""The fault drill: every process killed in turn under load; nothing may be lost and nothing done twice."""
