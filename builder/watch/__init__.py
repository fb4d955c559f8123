"""What people have to look after: alarms from what was seen, without asking anybody. Times are UTC."""
