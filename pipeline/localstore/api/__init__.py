"""The store's endpoints: requests, rules, answers."""
