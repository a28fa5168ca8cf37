"""What several operators are made of: small SystemVerilog modules and the rules for choosing memories."""
