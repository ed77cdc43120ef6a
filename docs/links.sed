# Links that only work in the repository: doxygen before 1.9.7 does not know the anchors of
# headings, and the reference has no copies of programs and folders.
s/\[([^]]*)\]\(#[^)]*\)/\1/g
s/(\]\([^)#]+)#[^)]*\)/\1)/g
s/\[([^]]*)\]\([^)]*(\.[ch]pp|LICENSE)\)/\1/g
s/!\[([^]]*)\]\((docs\/)?images\//![\1](/g
