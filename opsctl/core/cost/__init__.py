"""What an environment costs a month: resources → lines, by a dated price table.

One arithmetic for both ways in: `wanted` says what an environment file asks for, `planned` reads what Terraform plans,
and `estimate` prices either. An estimate has an error and is never a bill.
"""
