"""The chapters of the year, each a function of the story: ``group`` (who belongs, who is told), ``chair`` (terms, rota, handovers),
``plan`` (from draft to annual report), ``papers`` (from the proposal to the presentation), ``statement`` (of the World Day),
``library`` (what all have of them), ``meetings`` (of the six, and with missions).

``launcher.demo.year`` puts them in order. What a chapter makes and a later one needs, it leaves with the story.
"""
