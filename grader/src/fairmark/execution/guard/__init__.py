"""What watches a check that is judged beside: in the student's own process.

There a check has the meaning that stock nbgrader gives it, and the student's code could do
to it whatever code can do to code of the same process. It is not prevented; it is noticed,
and whatever is noticed makes the row "needs review".

Theory of operation
-------------------
The guard is put into the student's process before a line of the student's has run. It is
loaded a second time for that, into namespaces of its own which nothing names, with builtins
of their own (`private`), and it calls only what is written in C and was bound then. Its
parts there:

- `origin` tells whose code is whose;
- `reach` follows the functions that checks use down to their helpers, by their names;
- `state` keeps what all of these were, with builtins, shell, hooks and threads, and compares;
- `actors` hears of the interpreter's audit events, and tells at once who looks at frames,
  code objects, the garbage collector and the like, where it is the student's code;
- `passing` writes the text of a check so that each value which the student's code may have
  brought about passes the guard, which compares what this check reads;
- `inside` puts these together, hands the parts of a check's code to `student_side` one by one,
  and reports on it. It lies in the frame of a generator, since a frame of the caller's can be
  come by unheard, and a generator's cannot. While a check runs, the names that it binds do not
  stand in the notebook, unless a function there reads them.

The grader's side has the record of it all (`record`): a line of its own on which notices
arrive, the digests of the state as it was, and a key. A report that is not sealed with the
key, that is missing, or that counts more notices than have come, is a finding itself. So an
answer which the student's code gives in the guard's place, or with the guard's line closed,
earns nothing unseen: the key is in no place that a name leads to, and who goes through the
memory, the frames or the garbage collector in search of it has been heard.
`tools` reads from the texts of the checks what the guard is told of them, `looks` reads the
texts of the student's cells for what only serves to look or to tamper, `words` turns what was
found into sentences, and `keeper` puts these together for `session`.
What is promised, and what is not, stands in ``docs/beside.md`` of this project.
"""
