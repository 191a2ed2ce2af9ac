#!/bin/bash
# Lays something into the exchange by hand, in one of several ways; prints where.
set -e
way=$1 lesson=$2 inbound=$3 course=$4 ann=$5
now=$(date -u '+%Y-%m-%d %H:%M:%S.%6N UTC')
name=$(id -un)
[[ $way == "in nobody's name" ]] && name=nobody-else
place="$inbound/$name+$lesson+$now+aaaaaaaaaaaa"

case $way in
  "a link to the solution") ln -s "$course/source/$lesson" "$place" ;;
  "a link to Ann's") ln -s "$course/submitted/$ann/$lesson" "$place" ;;
  "a pipe") mkfifo "$place" ;;
  *)
    mkdir "$place"
    cp "$HOME/$lesson/"*.ipynb "$place"
    echo -n "$now" >"$place/timestamp.txt"
    ;;
esac
case $way in
  "more than a disk holds") truncate -s 4T "$place/huge.txt" ;;
  "with links, pipes and endless files")
    ln -s "$course/source/$lesson/decoder_cells.ipynb" "$place/solution.ipynb"
    ln -s "$course" "$place/course"
    ln -s /dev/zero "$place/endless"
    mkfifo "$place/pipe"
    ;;
esac
echo "$place"
