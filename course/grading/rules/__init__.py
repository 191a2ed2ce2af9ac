"""What an instructor sets by command for a class: due dates, what lateness costs, sections.

All of it is kept in the gradebook, whichever database that is. Nothing is judged anew for it.
"""
