"""The operator's own staff: who may see and do what a person may not, and the trail of what they did."""
