"""The pages of the product: one module a group of pages, all within the shell."""
