#pragma once

/* Marks `first` and all higher descriptors close-on-exec, so the next program does not get them. */
void set_close_on_exec_from(int first);
