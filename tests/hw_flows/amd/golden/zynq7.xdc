# Written by qu-build.
create_clock -name fclk0 -period 10.000 [get_pins {ps7/FCLKCLK[0]}]
set_property DONT_TOUCH true [get_cells {ps7}]
set_false_path -through [get_pins {ps7/FCLKRESETN[0]}]
