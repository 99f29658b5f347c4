"""Products for an image, a SKU, words, or an image and words.

queries        a search as asked and answered: decoded, embedded, ranked, grouped
retrieval      the best products of an index, exact under any filter and any stock
print_ranking  print decides between products that look alike
"""
