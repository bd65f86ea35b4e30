"""*documents*: issue papers, information notes and joint statements, from proposal to publication.

``rules`` decides (standard library, the kernel and itself only), ``store`` remembers, ``service`` talks.
No other service is imported here.
"""
