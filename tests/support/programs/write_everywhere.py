"""Write to every place there is; print where that was possible."""

for place in ("/handed-in/x", "/x", "/libraries/x", "/dev/x", "/dev/shm/x", "/proc/x", "/etc/x"):
    try:
        open(place, "w")
        print("wrote", place)
    except OSError:
        pass
print(open("/tmp/x", "w").write("mine"), open("/submission/x", "w").write("mine"))
