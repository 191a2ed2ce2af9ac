"""Open the lab that a test has put into a copy of the course, and build its still picture."""

import sys

if __name__ == "__main__":
    from course import labs
    from course.maintain.build import main

    view = labs.count_heads("Half of them.")
    view.controls["tosses"].value = 20
    print(view)
    sys.exit(main(["figures"]))
